package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Arrays;

/**
 * Blocks that are remembered though they may be gone, in lists, the oldest of each first; found by
 * identity. Every operation costs O(1).
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> 32 to 36 bytes for each block that may be remembered, and 12 for each list.
 */
final class Ghosts {
  static final int NONE = EvictionPolicy.NONE;

  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private final long[] identity;

  /** What a policy remembers of each. */
  final int[] note;

  private final int[] next;
  private final int[] previous;
  private final int[] list;
  private final int[] buckets;

  /** The next of the same bucket; of those that remember nothing, the next of these. */
  private final int[] chained;

  private final int shift;
  private int spare;

  private final int[] first;
  private final int[] last;
  private final int[] size;
  private int total;

  Ghosts(int most, int lists) {
    int bits = Math.max(1, 32 - Integer.numberOfLeadingZeros(Math.max(1, most - 1)));
    identity = new long[most];
    note = new int[most];
    next = new int[most];
    previous = new int[most];
    list = new int[most];
    chained = new int[most];
    buckets = new int[1 << bits];
    shift = Long.SIZE - bits;
    first = new int[lists];
    last = new int[lists];
    size = new int[lists];
    Arrays.fill(buckets, NONE);
    Arrays.fill(first, NONE);
    Arrays.fill(last, NONE);
    Arrays.setAll(chained, i -> i + 1 < most ? i + 1 : NONE);
    spare = most == 0 ? NONE : 0;
  }

  int size(int of) {
    return size[of];
  }

  int size() {
    return total;
  }

  boolean full() {
    return spare == NONE;
  }

  /** {@return the ghost that has been in a list for longest, or {@link #NONE}} */
  int oldest(int of) {
    return first[of];
  }

  int list(int ghost) {
    return list[ghost];
  }

  long identity(int ghost) {
    return identity[ghost];
  }

  /** {@return the ghost of a block, or {@link #NONE}} */
  int find(long block) {
    int ghost = buckets[bucket(block)];
    while (ghost != NONE && identity[ghost] != block) {
      ghost = chained[ghost];
    }
    return ghost;
  }

  private int bucket(long block) {
    return (int) ((block * SPREAD) >>> shift);
  }

  /** Remembers a block, as the youngest of a list; not {@linkplain #full when there is no room}. */
  int add(int to, long block) {
    int ghost = spare;
    spare = chained[ghost];
    int bucket = bucket(block);
    identity[ghost] = block;
    chained[ghost] = buckets[bucket];
    buckets[bucket] = ghost;
    total++;
    append(to, ghost);
    return ghost;
  }

  /** Makes a ghost the youngest of a list. */
  void move(int to, int ghost) {
    detach(ghost);
    append(to, ghost);
  }

  void forget(int ghost) {
    detach(ghost);
    int bucket = bucket(identity[ghost]);
    if (buckets[bucket] == ghost) {
      buckets[bucket] = chained[ghost];
    } else {
      unchain(buckets[bucket], ghost);
    }
    chained[ghost] = spare;
    spare = ghost;
    total--;
  }

  private void unchain(int from, int ghost) {
    int before = from;
    while (chained[before] != ghost) {
      before = chained[before];
    }
    chained[before] = chained[ghost];
  }

  private void append(int to, int ghost) {
    list[ghost] = to;
    previous[ghost] = last[to];
    next[ghost] = NONE;
    if (last[to] == NONE) {
      first[to] = ghost;
    } else {
      next[last[to]] = ghost;
    }
    last[to] = ghost;
    size[to]++;
  }

  private void detach(int ghost) {
    int from = list[ghost];
    int before = previous[ghost];
    int after = next[ghost];
    if (before == NONE) {
      first[from] = after;
    } else {
      next[before] = after;
    }
    if (after == NONE) {
      last[from] = before;
    } else {
      previous[after] = before;
    }
    size[from]--;
  }
}
