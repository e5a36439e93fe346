package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies by which the block that came last goes first. It has no settings. */
public final class FiloPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public FiloPolicyProvider() {}

  @Override
  public String type() {
    return "filo";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return AgePolicy.filo(slots);
  }
}
