package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies by which the ends of prefixes go first. It has no settings. */
public final class LengthAwarePolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public LengthAwarePolicyProvider() {}

  @Override
  public String type() {
    return "length-aware";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new LengthAwarePolicy(slots);
  }
}
