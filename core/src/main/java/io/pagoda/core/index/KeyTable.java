package io.pagoda.core.index;

import java.util.Arrays;

/*
 * Open addressing with linear probing, at most half full. A cell holds an entry's number plus one,
 * 0 when empty; the keys themselves stay in the index, two words per entry. A removal shifts back
 * what follows (Knuth, TAOCP 3, 6.4, algorithm R), so there are no tombstones and a look-up costs
 * the same after a year of churn as on the first day.
 */
/** Finds entries by key. */
final class KeyTable {
  /** An entry that is not there. */
  static final int NONE = -1;

  /** 2<sup>64</sup> divided by the golden ratio: spreads keys that are not hashes. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final long[] words;
  private final int[] cells;
  private final int mask;
  private final int shift;

  /**
   * Creates an empty table.
   *
   * @param words the keys of all entries, two words each
   */
  KeyTable(long[] words) {
    this.words = words;
    int entries = Math.max(8, words.length / 2);
    int size = Integer.highestOneBit(2 * entries - 1) << 1;
    this.cells = new int[size];
    this.mask = size - 1;
    this.shift = Long.numberOfLeadingZeros(mask);
  }

  /** {@return the entry whose key is {@code high, low}, or {@link #NONE}} */
  int find(long high, long low) {
    for (int at = home(low); ; at = (at + 1) & mask) {
      int entry = cells[at] - 1;
      if (entry < 0) {
        return NONE;
      }
      if (words[2 * entry + 1] == low && words[2 * entry] == high) {
        return entry;
      }
    }
  }

  /** Adds an entry, whose key is in the words and not in the table. */
  void add(int entry) {
    int at = home(words[2 * entry + 1]);
    while (cells[at] != 0) {
      at = (at + 1) & mask;
    }
    cells[at] = entry + 1;
  }

  /** Removes an entry, whose key is still in the words. */
  void remove(int entry) {
    int hole = home(words[2 * entry + 1]);
    while (cells[hole] != entry + 1) {
      hole = (hole + 1) & mask;
    }
    for (int at = (hole + 1) & mask; cells[at] != 0; at = (at + 1) & mask) {
      int home = home(words[2 * (cells[at] - 1) + 1]);
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        cells[hole] = cells[at];
        hole = at;
      }
    }
    cells[hole] = 0;
  }

  /** Forgets every entry. */
  void clear() {
    Arrays.fill(cells, 0);
  }

  /** {@return bytes of the table} */
  long bytes() {
    return 4L * cells.length;
  }

  private int home(long low) {
    return (int) ((low * SPREAD) >>> shift);
  }
}
