package io.pagoda.spi.tier;

import io.pagoda.spi.Host;
import io.pagoda.spi.Provider;
import io.pagoda.spi.Settings;
import java.util.Optional;

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

  /**
   * Returns what a tier would be, and opens nothing: no memory, no file, no connection. It reads
   * what {@link #open} reads, so that a configuration can be checked where it does not run.
   *
   * @param settings the tier's section of the configuration
   * @param host who would lend; its executor is not used
   * @return the {@link StorageTier#spec} of the tier, or nothing if only opening it can tell: its
   *     settings are then not checked before
   * @throws io.pagoda.spi.SettingsException if a setting is absent, malformed or out of range
   */
  default Optional<TierSpec> preview(Settings settings, Host host) {
    return Optional.empty();
  }
}
