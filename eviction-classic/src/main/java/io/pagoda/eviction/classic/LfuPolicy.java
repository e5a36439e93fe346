package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * Blocks that were used equally often are a group, and a line in the order of their last use; the
 * groups are a list, so that a used block moves to the next one, or to a new one between two. See
 * Shah, Mitra, Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme" (2010).
 *
 * A search passes the groups whose blocks are all in use, so it costs a few questions for each
 * number of uses that only such blocks have.
 */
/**
 * Least frequently used; of blocks used equally often, the one used longest ago. 36 bytes per slot,
 * and 24 for each of as many groups as there are slots, at most {@link #GROUPS}.
 *
 * <p>Uses are counted to 2³¹ − 1, and then no further. So many blocks with different numbers of
 * uses that the groups run out would take 2³¹ uses; then a block stays in its group.
 */
final class LfuPolicy implements EvictionPolicy {
  /** How many different numbers of uses are told apart. */
  static final int GROUPS = 1 << 16;

  private final Lines lines;
  private final Prefixes prefixes;
  private final int usesAtFirst;

  private final int[] uses;
  private final int[] hotter;
  private final int[] colder;
  private int coldest = NONE;

  /** A group without blocks; each knows another as its hotter one. */
  private int spare;

  LfuPolicy(int slots) {
    this(slots, GROUPS, 0);
  }

  /**
   * Creates a policy for a tier that is empty.
   *
   * @param slots how many slots it has
   * @param mostGroups how many groups there are at most
   * @param usesAtFirst how often a new block counts as used
   */
  LfuPolicy(int slots, int mostGroups, int usesAtFirst) {
    int groups = Math.min(slots, mostGroups);
    this.lines = new Lines(slots, groups);
    this.prefixes = new Prefixes(slots);
    this.usesAtFirst = usesAtFirst;
    this.uses = new int[groups];
    this.hotter = new int[groups];
    this.colder = new int[groups];
    for (int i = 0; i < groups; i++) {
      hotter[i] = i + 1 < groups ? i + 1 : NONE;
    }
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    prefixes.admitted(slot, depth);
    boolean first = coldest == NONE || uses[coldest] > usesAtFirst;
    int to = first && spare != NONE ? open(usesAtFirst, NONE, coldest) : coldest;
    lines.addLast(to, slot);
  }

  @Override
  public void touched(int slot) {
    prefixes.used(slot);
    int from = lines.line(slot);
    lines.remove(slot);
    lines.addLast(oneMore(from), slot);
    closeIfEmpty(from);
  }

  @Override
  public void removed(int slot) {
    prefixes.removed(slot);
    lines.remove(slot);
    closeIfEmpty(lines.line(slot));
  }

  @Override
  public int coldest(Evictable evictable) {
    for (int i = coldest; i != NONE; i = hotter[i]) {
      int slot = lines.coldest(i, prefixes, evictable);
      if (slot != NONE) {
        return slot;
      }
    }
    return askAll(evictable);
  }

  private int askAll(Evictable evictable) {
    for (int i = coldest; i != NONE; i = hotter[i]) {
      int slot = lines.askAll(i, evictable);
      if (slot != NONE) {
        return slot;
      }
    }
    return NONE;
  }

  /** {@return the group of blocks that were used once more than those of {@code from}} */
  private int oneMore(int from) {
    int after = hotter[from];
    if (uses[from] == Integer.MAX_VALUE) {
      return from;
    }
    if (after != NONE && uses[after] == uses[from] + 1) {
      return after;
    }
    if (lines.isEmpty(from)) {
      uses[from]++;
      return from;
    }
    return spare == NONE ? from : open(uses[from] + 1, from, after);
  }

  private int open(int ofUses, int before, int after) {
    int opened = spare;
    spare = hotter[opened];
    uses[opened] = ofUses;
    link(before, opened);
    link(opened, after);
    return opened;
  }

  private void closeIfEmpty(int closed) {
    if (lines.isEmpty(closed)) {
      link(colder[closed], hotter[closed]);
      hotter[closed] = spare;
      spare = closed;
    }
  }

  private void link(int before, int after) {
    if (before == NONE) {
      coldest = after;
    } else {
      hotter[before] = after;
    }
    if (after != NONE) {
      colder[after] = before;
    }
  }
}
