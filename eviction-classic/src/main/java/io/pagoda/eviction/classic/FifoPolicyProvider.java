package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies by which the block that came first goes first. It has no settings. */
public final class FifoPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public FifoPolicyProvider() {}

  @Override
  public String type() {
    return "fifo";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return AgePolicy.fifo(slots);
  }
}
