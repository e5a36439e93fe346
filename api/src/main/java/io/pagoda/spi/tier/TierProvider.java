package io.pagoda.spi.tier;

import io.pagoda.spi.Host;
import io.pagoda.spi.Provider;
import io.pagoda.spi.Settings;

/** Opens {@linkplain StorageTier storage tiers}. */
public interface TierProvider extends Provider {
  /**
   * Opens a tier. The caller owns it and closes it once.
   *
   * @param settings the tier's section of the configuration
   * @param host what the host lends, valid until the tier is closed
   * @throws io.pagoda.spi.SettingsException if a setting is absent, malformed or out of range
   * @throws io.pagoda.PagodaException if a resource cannot be had; nothing is left open
   */
  StorageTier open(Settings settings, Host host);
}
