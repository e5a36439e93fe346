package io.pagoda.core.revive;

import java.util.Arrays;

/*
 * Open addressing over the first record of each key; the records of the same key in other tiers
 * hang on it, one each.
 */
/**
 * The records of a census by key: for each key one record of each tier that has the block, the
 * latest.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Copies {
  /** A record that is not there. */
  static final int NONE = -1;

  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final Census census;

  /** Holds a record's number plus one, 0 when empty. */
  private final int[] cells;

  private final int mask;
  private final int shift;

  /** The record of the same key in the next colder tier. */
  private final int[] next;

  private int blocks;

  Copies(Census census) {
    this.census = census;
    int size = Integer.highestOneBit(Math.max(8, 2 * census.size() - 1)) << 1;
    this.cells = new int[size];
    this.mask = size - 1;
    this.shift = Long.numberOfLeadingZeros(mask);
    this.next = new int[census.size()];
    Arrays.fill(next, NONE);
    for (int record = 0; record < census.size(); record++) {
      add(record);
    }
  }

  /** {@return the first record of a key: that of the hottest tier; or {@link #NONE}} */
  int find(long high, long low) {
    return cells[cell(high, low)] - 1;
  }

  /** {@return the record of the same key in the next colder tier that has it} */
  int next(int record) {
    return next[record];
  }

  /** {@return how many keys there are} */
  int blocks() {
    return blocks;
  }

  private int cell(long high, long low) {
    int at = (int) ((low * SPREAD) >>> shift);
    while (cells[at] != 0
        && (census.low(cells[at] - 1) != low || census.high(cells[at] - 1) != high)) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void add(int record) {
    int at = cell(census.high(record), census.low(record));
    int known = cells[at] - 1;
    if (known == NONE) {
      cells[at] = record + 1;
      blocks++;
      return;
    }
    int before = NONE;
    while (next[known] != NONE) {
      before = known;
      known = next[known];
    }
    boolean sameTier = known >= census.first(census.tier(record));
    if (!sameTier) {
      next[known] = record;
    } else if (census.generation(known) < census.generation(record)) {
      replace(at, before, record);
    }
  }

  private void replace(int at, int before, int by) {
    if (before == NONE) {
      cells[at] = by + 1;
    } else {
      next[before] = by;
    }
  }
}
