package io.pagoda.core.space;

import io.pagoda.spi.eviction.EvictionPolicy;

/** Makes the policies of a simulated engine. */
@FunctionalInterface
public interface Policies {
  /** Least recently used. */
  Policies LRU = LruPolicy::new;

  EvictionPolicy create(int slots);
}
