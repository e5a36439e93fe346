package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;

/**
 * Guesses which block precedes which, since a prefix is reported last block first, and remembers
 * the predecessors of the last blocks that went: they may go next. A wrong guess costs a question.
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> 4 bytes for each slot, unless they are part of something larger.
 */
final class Prefixes {
  private static final int NONE = EvictionPolicy.NONE;

  /** What precedes the first block of a prefix, whatever is used next. */
  private static final int NOTHING = -2;

  /** How many are remembered. */
  private static final int MEMORY = 64;

  /** Of each slot the predecessor, in a cell. */
  private final int[] cells;

  private final int shift;
  private final int offset;
  private final int[] freed = new int[MEMORY];
  private int lastUsed = NONE;

  private int oldest;
  private int remembered;

  Prefixes(int slots) {
    this(new int[slots], 0, 0);
  }

  /**
   * Creates it with nothing known.
   *
   * @param cells of each slot a cell
   * @param shift how many numbers a cell has, as a power of two
   * @param offset which of them tells of the predecessor
   */
  Prefixes(int[] cells, int shift, int offset) {
    this.cells = cells;
    this.shift = shift;
    this.offset = offset;
  }

  private int at(int slot) {
    return (slot << shift) + offset;
  }

  void admitted(int slot, int depth) {
    cells[at(slot)] = depth == 0 ? NOTHING : NONE;
  }

  void used(int slot) {
    if (lastUsed != NONE && cells[at(lastUsed)] != NOTHING) {
      cells[at(lastUsed)] = slot;
    }
    lastUsed = slot;
  }

  void removed(int slot) {
    if (slot == freed()) {
      forgetFreed();
    }
    int predecessor = cells[at(slot)];
    if (predecessor >= 0) {
      remember(predecessor);
    }
    if (lastUsed == slot) {
      lastUsed = NONE;
    }
  }

  private void remember(int slot) {
    freed[(oldest + remembered) % MEMORY] = slot;
    if (remembered < MEMORY) {
      remembered++;
    } else {
      oldest = (oldest + 1) % MEMORY;
    }
  }

  /** {@return the slot before the one that went last, of those not forgotten, or {@link #NONE}} */
  int freed() {
    return remembered == 0 ? NONE : freed[(oldest + remembered - 1) % MEMORY];
  }

  /** Forgets what {@link #freed} says, in favour of the one before. */
  void forgetFreed() {
    remembered--;
  }
}
