package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * Blocks that were used together and are alike are one stretch of a prefix, and stand in line as
 * one: they come there, grow old, are used again and are asked in one step. Of a stretch the
 * deepest block goes first. One that is used without the others leaves them.
 */
/**
 * Blocks in stretches, each the ones of a request that are of one class, from the deepest on.
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> 32 bytes for each stretch, of which there are as many as slots at most; and
 * what is in the {@link Cell} of each slot.
 */
final class Stretches {
  static final int NONE = EvictionPolicy.NONE;

  /** How many numbers a stretch has, as a power of two; the first are those of {@link Lines}. */
  static final int SHIFT = 3;

  /** Of a stretch that there is not, the next of those. */
  private static final int DEEPEST = Lines.SIZE;

  private static final int SIZE = DEEPEST + 1;
  private static final int ROW = SIZE + 1;

  private final int[] slots;
  private final int[] cells;
  private int spare = NONE;

  /** Those from here on never were. */
  private int fresh;

  /** The block that was added last. */
  private int shallowest = NONE;

  /** Creates none; {@code slots} are cells, with no block in any. */
  Stretches(int[] slots) {
    this.slots = slots;
    int count = slots.length >> Cell.SHIFT;
    cells = new int[Math.multiplyExact(count, 1 << SHIFT)];
    for (int slot = 0; slot < count; slot++) {
      slots[(slot << Cell.SHIFT) + Cell.STRETCH] = NONE;
    }
  }

  /** {@return of each stretch a cell} */
  int[] cells() {
    return cells;
  }

  /** {@return how many slots there are} */
  int slots() {
    return slots.length >> Cell.SHIFT;
  }

  /** {@return the stretch of which a block is, or {@link #NONE}} */
  int of(int slot) {
    return slots[(slot << Cell.SHIFT) + Cell.STRETCH];
  }

  /** {@return the deepest block of a stretch} */
  int deepest(int stretch) {
    return cells[(stretch << SHIFT) + DEEPEST];
  }

  /** {@return how many blocks a stretch has} */
  int size(int stretch) {
    return cells[(stretch << SHIFT) + SIZE];
  }

  /** {@return the number of the row in which a stretch was used} */
  int row(int stretch) {
    return cells[(stretch << SHIFT) + ROW];
  }

  /** {@return a stretch with no blocks yet} */
  int begin(int row) {
    int stretch = spare;
    if (stretch == NONE) {
      stretch = fresh++;
    } else {
      spare = deepest(stretch);
    }
    cells[(stretch << SHIFT) + DEEPEST] = NONE;
    cells[(stretch << SHIFT) + SIZE] = 0;
    cells[(stretch << SHIFT) + ROW] = row;
    shallowest = NONE;
    return stretch;
  }

  /** Adds a block to the stretch that was begun last, before those that it has. */
  void add(int stretch, int slot) {
    int at = slot << Cell.SHIFT;
    slots[at + Cell.STRETCH] = stretch;
    slots[at + Cell.DEEPER] = shallowest;
    slots[at + Cell.SHALLOWER] = NONE;
    if (shallowest == NONE) {
      cells[(stretch << SHIFT) + DEEPEST] = slot;
    } else {
      slots[(shallowest << Cell.SHIFT) + Cell.SHALLOWER] = slot;
    }
    cells[(stretch << SHIFT) + SIZE]++;
    shallowest = slot;
  }

  /** Takes a block out of its stretch, which may be {@linkplain #end ended} then. */
  void remove(int slot) {
    int at = slot << Cell.SHIFT;
    int stretch = slots[at + Cell.STRETCH];
    int deeper = slots[at + Cell.DEEPER];
    int shallower = slots[at + Cell.SHALLOWER];
    if (deeper == NONE) {
      cells[(stretch << SHIFT) + DEEPEST] = shallower;
    } else {
      slots[(deeper << Cell.SHIFT) + Cell.SHALLOWER] = shallower;
    }
    if (shallower != NONE) {
      slots[(shallower << Cell.SHIFT) + Cell.DEEPER] = deeper;
    }
    cells[(stretch << SHIFT) + SIZE]--;
    forget(slot);
  }

  /** Lets a block be of no stretch, when all of its stretch are. */
  void forget(int slot) {
    slots[(slot << Cell.SHIFT) + Cell.STRETCH] = NONE;
  }

  /** Ends a stretch that has no blocks. */
  void end(int stretch) {
    cells[(stretch << SHIFT) + DEEPEST] = spare;
    spare = stretch;
  }
}
