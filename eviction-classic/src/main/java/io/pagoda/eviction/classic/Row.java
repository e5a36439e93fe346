package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;

/**
 * Blocks that are reported one after the other, each the predecessor, or each the successor, of the
 * one before: very likely those of one request.
 *
 * <p><b>Memory.</b> 4 bytes for each slot, beside its {@link Cell}.
 */
final class Row {
  private static final int NONE = EvictionPolicy.NONE;

  private final int[] cells;
  private final int[] slots;
  private int size;
  private int lastDepth;
  private int step;
  private int number;

  /** The last block of the row before this one. */
  private int deepestBefore = NONE;

  Row(int[] cells) {
    this.cells = cells;
    slots = new int[cells.length >> Cell.SHIFT];
  }

  /** {@return how many blocks precede one in its prefix} */
  int depth(int slot) {
    return cells[(slot << Cell.SHIFT) + Cell.DEPTH];
  }

  /** {@return the number of the row} */
  int number() {
    return number;
  }

  int size() {
    return size;
  }

  /** {@return whether a block may be the next of this row} */
  boolean goesOn(int slot) {
    if (size == 0) {
      return true;
    }
    int by = depth(slot) - lastDepth;
    return size < slots.length && (size == 1 ? by == 1 || by == -1 : by == step);
  }

  void add(int slot) {
    if (size < slots.length) {
      int depth = depth(slot);
      step = size == 0 ? 0 : depth - lastDepth;
      lastDepth = depth;
      slots[size++] = slot;
    }
  }

  /** {@return how long the prefix is that the row is of the end of; 0 if there is no row} */
  int length() {
    return size == 0 ? 0 : 1 + depth(fromTheFirst(size - 1));
  }

  /** {@return the block that was reported so many blocks after the first} */
  int told(int place) {
    return slots[place];
  }

  /** {@return the block at a place, counted from the beginning of the prefix} */
  int fromTheFirst(int place) {
    return step < 0 ? slots[size - 1 - place] : slots[place];
  }

  /** {@return the block before the first one, if the row before ended there; or none} */
  int before() {
    boolean follows =
        size > 0 && deepestBefore != NONE && depth(deepestBefore) == depth(fromTheFirst(0)) - 1;
    return follows ? deepestBefore : NONE;
  }

  void end() {
    deepestBefore = fromTheFirst(size - 1);
    size = 0;
    number++;
  }
}
