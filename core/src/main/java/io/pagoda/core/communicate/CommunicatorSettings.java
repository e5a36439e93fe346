package io.pagoda.core.communicate;

import io.pagoda.KvRole;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How a communicator is set.
 *
 * @param name what it calls itself
 * @param role what it does
 * @param model what both sides must call alike: the model, its precision and its cache's
 * @param bind where a worker that decodes takes connections; port 0 for any
 * @param connectTimeout how long connecting may take
 * @param deadline how long a write may take
 * @param lifetime how long a peer may write without connecting again
 * @param secret what both sides know; without one, whoever reaches the port may write
 */
public record CommunicatorSettings(
    String name, KvRole role, String model, InetSocketAddress bind, Duration connectTimeout,
    Duration deadline, Duration lifetime, Optional<byte[]> secret) {
  /** Checks the times. */
  public CommunicatorSettings {
    if (!connectTimeout.isPositive() || !deadline.isPositive() || !lifetime.isPositive()) {
      throw new IllegalArgumentException(
          "Times are longer than zero: connectTimeout=%s deadline=%s lifetime=%s"
              .formatted(connectTimeout, deadline, lifetime));
    }
  }

  /** Tells nobody the secret. */
  @Override
  public String toString() {
    return "communicator %s, %s, %s".formatted(name, role, model);
  }
}
