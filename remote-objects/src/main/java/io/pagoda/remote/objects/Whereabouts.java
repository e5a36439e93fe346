package io.pagoda.remote.objects;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * In which objects blocks are, as far as that was learned or is likely. It has room for so many
 * blocks, and forgets the one that was used longest ago when there are more.
 *
 * <p><b>Threads.</b> Any.
 */
final class Whereabouts {
  /**
   * A place within an object.
   *
   * @param high upper half of the key that the object is named by, which is its last block's
   * @param low lower half of it
   * @param back how many blocks of the object come after the block
   * @param blocks how many the object has
   * @param sure whether the object itself has told, or was stored like this
   */
  record Place(long high, long low, int back, int blocks, boolean sure) {
    /** {@return an object of the block alone} */
    static Place alone(long high, long low, boolean sure) {
      return new Place(high, low, 0, 1, sure);
    }

    /** {@return whether it is in the object of this name} */
    boolean in(long nameHigh, long nameLow) {
      return high == nameHigh && low == nameLow;
    }
  }

  private static final int WAYS = 8;
  // A place in two numbers: 10 bits of how many come after it, 11 of how many there are, 1 if sure.
  private static final int BLOCKS_SHIFT = 10;
  private static final int SURE = 1 << 21;

  private final long[] keys;
  private final long[] names;
  private final int[] facts;
  // When it was used last, by count of uses. 0: nothing is known.
  private final long[] used;
  private final int sets;
  private long uses;

  /** Begins with nothing, and room for so many blocks. */
  Whereabouts(int room) {
    this.sets = Math.max(1, room / WAYS);
    this.keys = new long[2 * sets * WAYS];
    this.names = new long[2 * sets * WAYS];
    this.facts = new int[sets * WAYS];
    this.used = new long[sets * WAYS];
  }

  /** {@return where a block is, or null if nobody knows} */
  synchronized @Nullable Place of(long high, long low) {
    int at = find(high, low);
    if (at < 0) {
      return null;
    }
    used[at] = ++uses;
    int fact = facts[at];
    return new Place(
        names[2 * at], names[2 * at + 1], fact & (1 << BLOCKS_SHIFT) - 1,
        (fact & SURE - 1) >>> BLOCKS_SHIFT, (fact & SURE) != 0);
  }

  /** Learns where a block is. */
  synchronized void put(long high, long low, Place place) {
    int at = find(high, low);
    if (at < 0) {
      at = oldest(set(high, low));
      keys[2 * at] = high;
      keys[2 * at + 1] = low;
    }
    names[2 * at] = place.high;
    names[2 * at + 1] = place.low;
    facts[at] = place.back | place.blocks << BLOCKS_SHIFT | (place.sure ? SURE : 0);
    used[at] = ++uses;
  }

  /** Takes it that a block is in a place, unless another is known. */
  synchronized void assume(long high, long low, Place place) {
    if (find(high, low) < 0) {
      put(high, low, place);
    }
  }

  synchronized void forget(long high, long low) {
    int at = find(high, low);
    if (at >= 0) {
      used[at] = 0;
    }
  }

  synchronized void forgetAll() {
    Arrays.fill(used, 0);
  }

  private int find(long high, long low) {
    int first = set(high, low);
    for (int at = first; at < first + WAYS; at++) {
      if (used[at] != 0 && keys[2 * at] == high && keys[2 * at + 1] == low) {
        return at;
      }
    }
    return -1;
  }

  private int oldest(int first) {
    int oldest = first;
    for (int at = first + 1; at < first + WAYS; at++) {
      if (used[at] < used[oldest]) {
        oldest = at;
      }
    }
    return oldest;
  }

  private int set(long high, long low) {
    long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9e3779b97f4a7c15L;
    return WAYS * (int) Math.unsignedMultiplyHigh(mixed, sets);
  }
}
