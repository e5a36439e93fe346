package io.pagoda.core.space;

import java.util.Arrays;

/**
 * A list of slots in two arrays: a slot is in it at most once, and every operation costs O(1).
 *
 * <p><b>Threads.</b> Confined.
 */
final class SlotList {
  /** No slot: what lies beyond either end. */
  static final int NONE = -1;

  private static final int ABSENT = -2;

  private final int[] next;
  private final int[] previous;
  private int first = NONE;
  private int last = NONE;
  private int size;

  SlotList(int slots) {
    next = new int[slots];
    previous = new int[slots];
    Arrays.fill(next, ABSENT);
  }

  void addFirst(int slot) {
    next[slot] = first;
    previous[slot] = NONE;
    if (first == NONE) {
      last = slot;
    } else {
      previous[first] = slot;
    }
    first = slot;
    size++;
  }

  void remove(int slot) {
    int before = previous[slot];
    int after = next[slot];
    if (before == NONE) {
      first = after;
    } else {
      next[before] = after;
    }
    if (after == NONE) {
      last = before;
    } else {
      previous[after] = before;
    }
    next[slot] = ABSENT;
    size--;
  }

  void moveFirst(int slot) {
    if (slot != first) {
      remove(slot);
      addFirst(slot);
    }
  }

  boolean contains(int slot) {
    return next[slot] != ABSENT;
  }

  /** {@return the slot that has been in the list for longest, or {@link #NONE}} */
  int last() {
    return last;
  }

  int size() {
    return size;
  }

  /** {@return how many slots there are, in the list or not} */
  int capacity() {
    return next.length;
  }

  /** {@return bytes of the arrays} */
  long bytes() {
    return 8L * next.length;
  }
}
