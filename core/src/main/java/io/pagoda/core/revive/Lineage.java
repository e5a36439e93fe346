package io.pagoda.core.revive;

import java.util.Arrays;

/**
 * Puts the blocks of a census in order: the newest first, each after the block before it in its
 * prefix. What has no way back to the beginning of a prefix is left out.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Lineage {
  private static final int NONE = -1;
  private static final byte UNKNOWN = 0;
  private static final byte ON_THE_WAY = 1;
  private static final byte PLACED = 2;
  private static final byte LEFT_OUT = 3;

  private static final int DIGIT = 16;

  private final Census census;
  private final Copies copies;
  private final Known known;

  /** Of each record that comes first for its key what is known; unknown for the others. */
  private final byte[] state;

  private final int[] parents;
  private final int[] order;
  private int size;
  private final int[] path;

  /** Tells which blocks are there already, so that others may follow them. */
  @FunctionalInterface
  interface Known {
    /** Returns whether a block is there. */
    boolean has(long high, long low);
  }

  Lineage(Census census, Copies copies, int room, Known known) {
    this.census = census;
    this.copies = copies;
    this.known = known;
    this.state = new byte[census.size()];
    this.parents = new int[census.size()];
    this.path = new int[copies.blocks()];
    this.order = new int[Math.min(room, copies.blocks())];
    int[] newestLast = sorted();
    for (int i = newestLast.length - 1; i >= 0 && size < order.length; i--) {
      climb(newestLast[i]);
    }
  }

  int size() {
    return size;
  }

  /** {@return the record of the block at {@code position}} */
  int record(int position) {
    return order[position];
  }

  /** {@return the record of the block before that of a placed record, or -1 if it is the first} */
  int parent(int record) {
    return parents[record];
  }

  /** Places a block after all before it, if they are there, and there is room for them. */
  private void climb(int newest) {
    int length = 0;
    int at = newest;
    while (at != NONE && state[at] == UNKNOWN) {
      state[at] = ON_THE_WAY;
      path[length++] = at;
      at = parents[at] = above(at);
    }
    if (at != NONE && state[at] != PLACED) {
      mark(length, LEFT_OUT);
    } else if (length > order.length - size) {
      mark(length, UNKNOWN);
      state[newest] = LEFT_OUT;
    } else {
      mark(length, PLACED);
      while (length > 0) {
        order[size++] = path[--length];
      }
    }
  }

  private void mark(int length, byte as) {
    for (int i = 0; i < length; i++) {
      state[path[i]] = as;
    }
  }

  /**
   * {@return the record before one; none if that block is there already; the record itself, which
   * leads nowhere, if it is missing}
   */
  private int above(int record) {
    long high = census.parentHigh(record);
    long low = census.parentLow(record);
    if (high == 0 && low == 0) {
      return NONE;
    }
    int found = copies.find(high, low);
    if (found != Copies.NONE) {
      return found;
    }
    return known.has(high, low) ? NONE : record;
  }

  /** {@return the first records of all keys, the newest last} */
  private int[] sorted() {
    int[] records = new int[copies.blocks()];
    int count = 0;
    long all = 0;
    long oldest = Long.MAX_VALUE;
    for (int record = 0; record < census.size(); record++) {
      if (copies.find(census.high(record), census.low(record)) == record) {
        records[count++] = record;
        oldest = Math.min(oldest, census.generation(record));
      }
    }
    for (int record : records) {
      all |= census.generation(record) - oldest;
    }
    int[] other = new int[count];
    for (int shift = 0; shift < Long.SIZE && all >>> shift != 0; shift += DIGIT) {
      distribute(records, other, oldest, shift);
      int[] swap = records;
      records = other;
      other = swap;
    }
    return records;
  }

  private void distribute(int[] from, int[] to, long oldest, int shift) {
    int[] starts = new int[(1 << DIGIT) + 1];
    for (int record : from) {
      starts[digit(record, oldest, shift) + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    for (int record : from) {
      to[starts[digit(record, oldest, shift)]++] = record;
    }
  }

  private int digit(int record, long oldest, int shift) {
    return (int) ((census.generation(record) - oldest) >>> shift) & ((1 << DIGIT) - 1);
  }
}
