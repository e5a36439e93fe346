package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies by which the block that was used last goes first. It has no settings. */
public final class MruPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public MruPolicyProvider() {}

  @Override
  public String type() {
    return "mru";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return AgePolicy.mru(slots);
  }
}
