package io.pagoda.core.space;

import io.pagoda.spi.Settings;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;

/** Creates policies that evict the least recently used block. It has no settings. */
public final class LruPolicyProvider implements EvictionPolicyProvider {
  /** For {@link java.util.ServiceLoader}. */
  public LruPolicyProvider() {}

  /** {@return a policy for a tier with so many slots} */
  public static EvictionPolicy lru(int slots) {
    return new LruPolicy(slots);
  }

  @Override
  public String type() {
    return "lru";
  }

  @Override
  public EvictionPolicy create(Settings settings, int slots) {
    return lru(slots);
  }
}
