package io.pagoda.core.index;

/*
 * Open addressing with linear probing, at most half full. A cell holds an entry's number plus one,
 * 0 when empty; the keys themselves stay in the index, two words per entry. A removal shifts back
 * what follows (Knuth, TAOCP 3, 6.4, algorithm R), so there are no tombstones and a look-up costs
 * the same after a year of churn as on the first day. How far each cell is from its home is kept
 * in a byte, so that a removal need not look up the keys of its neighbours, which are anywhere.
 */
/** Finds entries by key. */
final class KeyTable {
  /** An entry that is not there. */
  static final int NONE = -1;

  /** 2<sup>64</sup> divided by the golden ratio: spreads keys that are not hashes. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final long[] words;
  /** How far a cell may be from its home for a byte to tell. */
  private static final int FAR = 255;

  private final int[] cells;

  /** For each cell the distance from its entry's home, or {@link #FAR} if it is at least that. */
  private final byte[] distances;

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
    this.distances = new byte[size];
    this.mask = size - 1;
    this.shift = Long.numberOfLeadingZeros(mask);
  }

  /** {@return the entry whose key is {@code high, low}, or {@link #NONE}} */
  int find(long high, long low) {
    for (int at = home(low);; at = (at + 1) & mask) {
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
    int home = home(words[2 * entry + 1]);
    int at = home;
    while (cells[at] != 0) {
      at = (at + 1) & mask;
    }
    put(at, entry + 1, (at - home) & mask);
  }

  /** Removes an entry, whose key is still in the words. */
  void remove(int entry) {
    int hole = home(words[2 * entry + 1]);
    while (cells[hole] != entry + 1) {
      hole = (hole + 1) & mask;
    }
    for (int at = (hole + 1) & mask; cells[at] != 0; at = (at + 1) & mask) {
      int distance = distance(at);
      int gap = (at - hole) & mask;
      if (distance >= gap) {
        put(hole, cells[at], distance - gap);
        hole = at;
      }
    }
    cells[hole] = 0;
  }

  private void put(int at, int cell, int distance) {
    cells[at] = cell;
    distances[at] = (byte) Math.min(distance, FAR);
  }

  private int distance(int at) {
    int distance = distances[at] & 0xFF;
    return distance < FAR ? distance : (at - home(words[2 * (cells[at] - 1) + 1])) & mask;
  }

  /** {@return bytes of the table} */
  long bytes() {
    return (Integer.BYTES + 1L) * cells.length;
  }

  private int home(long low) {
    return (int) ((low * SPREAD) >>> shift);
  }
}
