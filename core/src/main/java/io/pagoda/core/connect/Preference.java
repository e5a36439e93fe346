package io.pagoda.core.connect;

import io.pagoda.spi.transport.Transport;
import java.util.Optional;

/**
 * A transport that a configuration names.
 *
 * @param type which
 * @param transport it, open, unless it is missing
 * @param missing why it is, in a sentence; else empty
 */
public record Preference(String type, Optional<Transport> transport, String missing) {
  /** {@return one that is open} */
  public static Preference open(Transport transport) {
    return new Preference(transport.type(), Optional.of(transport), "");
  }

  /** {@return one that this machine lacks} */
  public static Preference missing(String type, String why) {
    return new Preference(type, Optional.empty(), why);
  }
}
