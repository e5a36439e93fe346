package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies by which the block that was used least often goes first. It has no settings. */
public final class LfuPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public LfuPolicyProvider() {}

  @Override
  public String type() {
    return "lfu";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new LfuPolicy(slots);
  }
}
