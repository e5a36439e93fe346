package io.pagoda.eviction.classic;

/**
 * What {@link AdaptivePolicy} has of each slot, side by side, so that one look at memory fetches
 * all of it.
 */
final class Cell {
  /** How many numbers there are to a slot, as a power of two. */
  static final int SHIFT = 3;

  /** See {@link Known}. */
  static final int KNOWN = 0;

  /** How many blocks precede it in its prefix. */
  static final int DEPTH = 1;

  /** See {@link Stretches}: of which it is, and which blocks of it are next to it. */
  static final int STRETCH = 2;

  static final int SHALLOWER = 3;
  static final int DEEPER = 4;

  /** Of a block that is of no stretch yet, where it was among those that are gone. */
  static final int FOUND = SHALLOWER;

  /** See {@link Prefixes}. */
  static final int PREDECESSOR = 5;

  private static final int IDENTITY_HIGH = 6;
  private static final int IDENTITY_LOW = 7;

  private Cell() {}

  /** {@return the cells of so many slots} */
  static int[] ofAll(int slots) {
    return new int[Math.multiplyExact(slots, 1 << SHIFT)];
  }

  static long identity(int[] cells, int slot) {
    int at = slot << SHIFT;
    return ((long) cells[at + IDENTITY_HIGH] << 32) | (cells[at + IDENTITY_LOW] & 0xffff_ffffL);
  }

  static void identity(int[] cells, int slot, long identity) {
    cells[(slot << SHIFT) + IDENTITY_HIGH] = (int) (identity >>> 32);
    cells[(slot << SHIFT) + IDENTITY_LOW] = (int) identity;
  }
}
