package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * O'Neil, O'Neil, Weikum, "The LRU-K page replacement algorithm for database disk buffering"
 * (1993), with K = 2, and a history of as many blocks as are told. Blocks whose use before the last
 * is not known go first, the least recently used of them first; then those whose use before the
 * last is the oldest. Times are told apart as finely as the ring allows: in a tier of a few
 * thousand slots exactly.
 */
/** Least recently used but one. 76 bytes per slot, and 44 for each block of the history. */
final class Lru2Policy implements EvictionPolicy {
  private static final int ALL = 0;
  private static final int USED_ONCE = 0;

  private final Lines once;
  private final Ring twice;
  private final Prefixes prefixes;
  private final Ghosts history;
  private final long[] usedAt;
  private final long[] identities;
  private final boolean[] isOnce;
  private final long step;
  private long now;

  /**
   * Creates a policy for a tier that is empty.
   *
   * @param slots how many slots it has
   * @param remembered how many different blocks are remembered, those in the tier among them
   */
  Lru2Policy(int slots, int remembered) {
    once = new Lines(slots, 1);
    twice = new Ring(slots);
    prefixes = new Prefixes(slots);
    history = new Ghosts(remembered, 1);
    usedAt = new long[remembered];
    identities = new long[slots];
    isOnce = new boolean[slots];
    step = Math.max(1, 16L * slots / twice.span());
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    identities[slot] = identity;
    isOnce[slot] = true;
    once.addLast(USED_ONCE, slot);
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    take(slot);
    long before = usedBefore(identities[slot]);
    isOnce[slot] = before < 0;
    if (isOnce[slot]) {
      once.addLast(USED_ONCE, slot);
    } else {
      twice.add(slot, before / step);
    }
  }

  private long usedBefore(long identity) {
    int known = history.find(identity);
    long before = known == Ghosts.NONE ? NONE : usedAt[known];
    if (known == Ghosts.NONE) {
      if (history.full()) {
        history.forget(history.oldest(ALL));
      }
      known = history.add(ALL, identity);
    } else {
      history.move(ALL, known);
    }
    usedAt[known] = ++now;
    return before;
  }

  private void take(int slot) {
    if (isOnce[slot]) {
      once.remove(slot);
    } else {
      twice.remove(slot);
    }
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    take(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    int slot = once.coldest(USED_ONCE, prefixes, evictable);
    if (slot == NONE) {
      slot = twice.coldest(prefixes, evictable);
    }
    return slot == NONE ? once.askAll(USED_ONCE, evictable) : slot;
  }
}
