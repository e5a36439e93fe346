package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/**
 * Orders blocks by when they came, or were used last; the first or the last of them is the coldest.
 * 36 bytes per slot.
 */
final class AgePolicy implements EvictionPolicy {
  private static final int LINE = 0;

  private final Lines lines;
  private final Prefixes prefixes;
  private final boolean lastGoesFirst;
  private final boolean byUse;

  private AgePolicy(int slots, boolean lastGoesFirst, boolean byUse) {
    this.lines = new Lines(slots, 1);
    this.prefixes = new Prefixes(slots);
    this.lastGoesFirst = lastGoesFirst;
    this.byUse = byUse;
  }

  /** {@return a policy by which what came first goes first} */
  static AgePolicy fifo(int slots) {
    return new AgePolicy(slots, false, false);
  }

  /** {@return a policy by which what came last goes first} */
  static AgePolicy filo(int slots) {
    return new AgePolicy(slots, true, false);
  }

  /** {@return a policy by which what was used last goes first} */
  static AgePolicy mru(int slots) {
    return new AgePolicy(slots, true, true);
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    add(slot);
  }

  private void add(int slot) {
    if (lastGoesFirst) {
      lines.addFirst(LINE, slot);
    } else {
      lines.addLast(LINE, slot);
    }
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    if (byUse) {
      lines.remove(slot);
      add(slot);
    }
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    lines.remove(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    int slot = lines.coldest(LINE, prefixes, evictable);
    return slot == NONE ? lines.askAll(LINE, evictable) : slot;
  }
}
