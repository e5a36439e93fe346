package io.pagoda.eviction.classic;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that order blocks by their use before the last. */
public final class Lru2PolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public Lru2PolicyProvider() {}

  @Override
  public String type() {
    return "lru-2";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return new Lru2Policy(slots, slots + Checked.remembered(settings, slots));
  }
}
