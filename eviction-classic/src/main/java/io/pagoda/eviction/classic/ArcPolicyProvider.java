package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that balance recency and frequency. It has no settings. */
public final class ArcPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public ArcPolicyProvider() {}

  @Override
  public String type() {
    return "arc";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new ArcPolicy(slots);
  }
}
