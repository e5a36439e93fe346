package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * "Similar to LFU but prioritizing eviction of cache blocks occurring later in requests": Qin et
 * al., "Mooncake: a KVCache-centric disaggregated architecture for LLM serving" (2024), which says
 * no more of it.
 */
/**
 * Least frequently used; of blocks used equally often, the one that is the farthest behind the
 * beginning of its prefix. Uses are told apart up to {@value #MOST_USES}, and places up to {@value
 * #DEEPEST}. 56 bytes per slot.
 */
final class LengthAwarePolicy implements EvictionPolicy {
  private static final int MOST_USES = 15;
  private static final int DEEPEST = 255;

  private final Ring ring;
  private final Prefixes prefixes;
  private final int[] depth;
  private final byte[] uses;

  LengthAwarePolicy(int slots) {
    ring = new Ring(slots);
    prefixes = new Prefixes(slots);
    depth = new int[slots];
    uses = new byte[slots];
  }

  @Override
  public void admitted(int slot, long identity, int at) {
    prefixes.admitted(slot, at);
    depth[slot] = Math.min(at, DEEPEST);
    uses[slot] = 0;
    ring.add(slot, number(slot));
  }

  private long number(int slot) {
    return (long) uses[slot] * (DEEPEST + 1) + DEEPEST - depth[slot];
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    ring.remove(slot);
    uses[slot] = (byte) Math.min(uses[slot] + 1, MOST_USES);
    ring.add(slot, number(slot));
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    ring.remove(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    return ring.coldest(prefixes, evictable);
  }
}
