package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * Einziger, Friedman, Manes, "TinyLFU: a highly efficient cache admission policy" (2017); Einziger,
 * Eytan, Friedman, Manes, "Adaptive software cache management" (2018).
 *
 * There, each block is admitted by its own frequency. Of a prefix that makes no sense: what follows
 * a block that was refused is worth nothing. So blocks that come together as one stretch of a
 * prefix are a chain, which is known by its first block; the frequency of the chain is that of each
 * of its blocks, and all are admitted, or none.
 */
/**
 * A small window in the order of use, and behind it a segmented main part that a chain enters if it
 * was used more often than what it would replace. 82 bytes per slot.
 */
final class TinyLfuPolicy implements EvictionPolicy {
  private static final int WINDOW = 0;
  private static final int PROBATION = 1;
  private static final int PROTECTED = 2;
  private static final double PROTECTED_SHARE = .8;

  private final Lines lines;
  private final Prefixes prefixes;
  private final Sketch sketch;
  private final long[] identities;
  private final long[] chains;
  private final boolean[] came;
  private final int[] sizes = new int[3];
  private final int mostInWindow;
  private final int mostProtected;

  private long lastChain;
  private int lastDepth = -2;

  /**
   * Creates a policy for a tier that is empty.
   *
   * @param slots how many slots it has
   * @param window the share of them that is for what is new
   */
  TinyLfuPolicy(int slots, double window) {
    lines = new Lines(slots, 3);
    prefixes = new Prefixes(slots);
    sketch = new Sketch(slots);
    identities = new long[slots];
    chains = new long[slots];
    came = new boolean[slots];
    mostInWindow = Math.max(1, (int) (slots * window));
    mostProtected = (int) ((slots - mostInWindow) * PROTECTED_SHARE);
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    identities[slot] = identity;
    came[slot] = true;
    if (depth != lastDepth + 1) {
      lastChain = identity;
      sketch.count(identity);
    }
    lastDepth = depth;
    chains[slot] = lastChain;
    add(slot, WINDOW);
  }

  private void add(int slot, int to) {
    lines.addLast(to, slot);
    sizes[to]++;
  }

  private void take(int slot) {
    sizes[lines.line(slot)]--;
    lines.remove(slot);
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    int from = lines.line(slot);
    take(slot);
    if (came[slot]) {
      came[slot] = false;
      add(slot, from);
      return;
    }
    if (identities[slot] == chains[slot]) {
      sketch.count(chains[slot]);
    }
    add(slot, from == WINDOW ? WINDOW : PROTECTED);
    while (sizes[PROTECTED] > mostProtected) {
      int oldest = lines.first(PROTECTED);
      take(oldest);
      add(oldest, PROBATION);
    }
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    take(slot);
  }

  @Override
  public int coldest(Evictable evictable) {
    while (sizes[WINDOW] > mostInWindow) {
      enter(lines.first(WINDOW));
    }
    int victim = ofMain(evictable);
    int candidate = lines.coldest(WINDOW, prefixes, evictable);
    if (victim == NONE || candidate == NONE) {
      return victim == NONE ? anywhere(evictable) : victim;
    }
    if (frequency(candidate) <= frequency(victim)) {
      return candidate;
    }
    enter(candidate);
    return victim;
  }

  /** The main part takes a block. */
  private void enter(int slot) {
    take(slot);
    add(slot, PROBATION);
  }

  private int ofMain(Evictable evictable) {
    int slot = lines.coldest(PROBATION, prefixes, evictable);
    return slot == NONE ? lines.coldest(PROTECTED, prefixes, evictable) : slot;
  }

  private int anywhere(Evictable evictable) {
    int slot = lines.coldest(WINDOW, PROBATION, prefixes, evictable);
    return slot == NONE ? lines.askAll(PROTECTED, evictable) : slot;
  }

  private int frequency(int slot) {
    return sketch.estimate(chains[slot]);
  }
}
