package io.pagoda.spi.device;

import io.pagoda.spi.Host;
import io.pagoda.spi.Provider;
import io.pagoda.spi.Settings;

/** Opens {@linkplain Device devices}. */
public interface DeviceProvider extends Provider {
  /**
   * Opens a device. The caller owns it and closes it once.
   *
   * @param settings the device's section of the configuration
   * @param host what the host lends, valid until the device is closed
   * @throws io.pagoda.spi.SettingsException if a setting is absent, malformed or out of range
   * @throws io.pagoda.PagodaException if a resource cannot be had; nothing is left open
   */
  Device open(Settings settings, Host host);
}
