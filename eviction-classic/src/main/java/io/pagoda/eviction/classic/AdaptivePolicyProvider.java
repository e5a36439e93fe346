package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that learn which blocks are used again, and when. */
public final class AdaptivePolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public AdaptivePolicyProvider() {}

  @Override
  public String type() {
    return "adaptive";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new AdaptivePolicy(slots, Checked.remembered(settings, slots));
  }
}
