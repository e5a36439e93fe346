package io.pagoda.spi.eviction;

import io.pagoda.spi.Provider;
import io.pagoda.spi.Settings;

/** Creates {@linkplain EvictionPolicy eviction policies}. */
public interface EvictionPolicyProvider extends Provider {
  /**
   * Creates a policy for a tier that is empty.
   *
   * @param settings the policy's section of the configuration
   * @param slots how many slots the tier has
   * @throws io.pagoda.spi.SettingsException if a setting is absent, malformed or out of range
   */
  EvictionPolicy create(Settings settings, int slots);
}
