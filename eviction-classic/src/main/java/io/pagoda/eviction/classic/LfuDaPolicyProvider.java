package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that count uses, and forget them in time. It has no settings. */
public final class LfuDaPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public LfuDaPolicyProvider() {}

  @Override
  public String type() {
    return "lfu-da";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return AgingPolicy.lfuDa(slots);
  }
}
