package io.pagoda.core.graph;

import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.tier.StorageTier;

/**
 * A tier in its place.
 *
 * @param name what the configuration calls it, unique in its graph
 * @param tier what moves its bytes
 * @param policy what advises who leaves it; nobody else may use it
 */
public record TierNode(String name, StorageTier tier, EvictionPolicy policy) {}
