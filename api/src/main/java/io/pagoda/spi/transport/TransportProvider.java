package io.pagoda.spi.transport;

import io.pagoda.spi.Host;
import io.pagoda.spi.Provider;
import io.pagoda.spi.Settings;

/** Opens {@linkplain Transport transports}. */
public interface TransportProvider extends Provider {
  /**
   * Opens a transport. The caller owns it and closes it once.
   *
   * @param settings the transport's section of the configuration
   * @param host what the host lends, valid until the transport is closed
   * @throws io.pagoda.spi.SettingsException if a setting is absent, malformed or out of range
   * @throws io.pagoda.PagodaException if a resource cannot be had; nothing is left open
   */
  Transport open(Settings settings, Host host);

  /**
   * Reads what {@link #open} reads, files too, and opens nothing: no socket, no device. So a
   * configuration can be checked where it does not run; what this machine lacks is no mistake.
   *
   * @param settings the transport's section of the configuration
   * @return whether it did; if not, only opening can tell what is wrong with them
   * @throws io.pagoda.spi.SettingsException if a setting is absent, malformed or out of range
   */
  default boolean check(Settings settings) {
    return false;
  }
}
