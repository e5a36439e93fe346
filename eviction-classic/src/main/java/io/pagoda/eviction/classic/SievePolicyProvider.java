package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies of one queue and a hand. It has no settings. */
public final class SievePolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public SievePolicyProvider() {}

  @Override
  public String type() {
    return "sieve";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new SievePolicy(slots);
  }
}
