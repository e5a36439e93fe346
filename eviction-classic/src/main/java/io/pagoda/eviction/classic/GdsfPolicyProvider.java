package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that weigh uses by what a block costs to compute. */
public final class GdsfPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public GdsfPolicyProvider() {}

  @Override
  public String type() {
    return "gdsf";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return AgingPolicy.gdsf(slots, Checked.atLeast(settings, "cost-per-block-before", 0));
  }
}
