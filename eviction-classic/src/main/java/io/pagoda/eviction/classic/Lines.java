package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Arrays;

/*
 * A policy is told neither when a slot is pinned nor when it is let go: it can only ask. To ask
 * every colder slot at every eviction would cost as much as there are pinned ones, and to move
 * those away would lose their order. So a slot that may not go keeps its place and is marked, and
 * neighbours that are marked form a run, which is passed in one step: each end of a run knows the
 * other. Runs grow, merge and shrink but are never cut in two, since slots are added at the ends of
 * a line only.
 *
 * What is marked is asked again when its successor has gone; else by turns, a few at every call,
 * the coldest first; and all of it when nothing else is left. A slot that is used again, where use
 * is what orders, is added anew, and unmarked. So the order is exact, but for slots that may go
 * again though nobody used them and no successor went: each of these is found after a quarter as
 * many evictions as there are marked ones, at the latest.
 *
 * An answer costs the questions of the turn, and one for each slot that it marks; a slot is marked
 * once each time that it is added, as long as something may go.
 */
/**
 * Slots in lines, the coldest of each first; a slot is in one line at most. Every operation costs
 * O(1), amortised, while something may go.
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> 32 bytes for each slot, unless they are part of something larger, and 12 for
 * each line; there are 2²⁷ slots at most.
 */
final class Lines {
  static final int NONE = EvictionPolicy.NONE;

  /** How many marked slots are asked again at a call. */
  static final int TURNS = 4;

  private static final int UNMARKED = -1;
  private static final int ABSENT = -2;

  /** How much of {@link #cells} a slot needs. */
  static final int SIZE = 5;

  /** A slot has so much as a power of two: half of what a processor fetches at a time. */
  private static final int SHIFT = 3;

  private static final int NEXT = 0;
  private static final int PREVIOUS = 1;

  /** Its line; or, below zero, the complement of where it was added and in which epoch. */
  private static final int LABEL = 2;

  /** Of the first and last slot of a run, the other; of those between, any slot. */
  private static final int FAR_END = 3;

  /** Ascending along a line. After 2³¹ slots it wraps, and an old slot is asked too early. */
  private static final int PLACE = 4;

  private final int[] cells;
  private final int shift;
  private final Epochs epochs;
  private int lowest;
  private int highest;
  private final int[] first;
  private final int[] last;

  /** Of each line the marked slot whose turn it is, or {@link #NONE} for the first. */
  private final int[] turn;

  /** Creates lines whose slots stay where they are. */
  Lines(int slots, int lines) {
    this(new int[Math.multiplyExact(slots, 1 << SHIFT)], SHIFT, lines, new Epochs(1));
  }

  /**
   * Creates lines of which those of one part of time after the other follow each other.
   *
   * @param cells of each slot a cell, the first {@link #SIZE} numbers of which are for this
   * @param shift how many numbers a cell has, as a power of two
   * @param epochs tells in which part slots are, by the epoch in which they were added
   */
  Lines(int[] cells, int shift, int lines, Epochs epochs) {
    this.epochs = epochs;
    this.cells = cells;
    this.shift = shift;
    first = new int[lines];
    last = new int[lines];
    turn = new int[lines];
    for (int at = FAR_END; at < cells.length; at += 1 << shift) {
      cells[at] = ABSENT;
    }
    Arrays.fill(first, NONE);
    Arrays.fill(last, NONE);
    Arrays.fill(turn, NONE);
  }

  boolean isEmpty(int of) {
    return first[of] == NONE;
  }

  /** {@return the line of a slot that is in one} */
  int line(int slot) {
    int label = cells[(slot << shift) + LABEL];
    return label >= 0 ? label : (~label >>> Epochs.BITS) + epochs.part(~label);
  }

  boolean contains(int slot) {
    return cells[(slot << shift) + FAR_END] != ABSENT;
  }

  /** {@return the coldest slot of a line, or {@link #NONE}} */
  int first(int of) {
    return first[of];
  }

  /** {@return the slot that follows one in its line, or {@link #NONE}} */
  int next(int slot) {
    return cells[(slot << shift) + NEXT];
  }

  /** Adds a slot as the coldest of a line. */
  void addFirst(int to, int slot) {
    cells[(slot << shift) + PLACE] = --lowest;
    insert(to, slot, NONE, first[to]);
  }

  /** Adds a slot as the hottest of a line. */
  void addLast(int to, int slot) {
    cells[(slot << shift) + PLACE] = ++highest;
    insert(to, slot, last[to], NONE);
  }

  /** Adds a slot as the hottest of the first of the lines that follow each other. */
  void addYoungest(int to, int slot) {
    addLast(to, slot);
    cells[(slot << shift) + LABEL] = ~((to << Epochs.BITS) | epochs.label());
  }

  /** {@return how many epochs ago a slot was added as the youngest, as far as that is known} */
  int age(int slot) {
    int label = cells[(slot << shift) + LABEL];
    return label >= 0 ? Epochs.MOST : epochs.age(~label);
  }

  /** Puts all slots of a line behind those of another, which they are as old as by now. */
  void append(int to, int from) {
    if (first[from] == NONE) {
      return;
    }
    if (marked(last[to]) && marked(first[from])) {
      tie(cells[(last[to] << shift) + FAR_END], cells[(first[from] << shift) + FAR_END]);
    }
    join(to, last[to], first[from]);
    last[to] = last[from];
    first[from] = NONE;
    last[from] = NONE;
    turn[from] = NONE;
  }

  /** Makes the slots of a line forget in which epoch they were added, once they are in another. */
  void settle(int from, int to) {
    for (int slot = first[from]; slot != NONE; slot = next(slot)) {
      cells[(slot << shift) + LABEL] = to;
    }
  }

  private void insert(int to, int slot, int before, int after) {
    cells[(slot << shift) + FAR_END] = UNMARKED;
    cells[(slot << shift) + LABEL] = to;
    cells[(slot << shift) + PREVIOUS] = before;
    cells[(slot << shift) + NEXT] = after;
    join(to, before, slot);
    join(to, slot, after);
  }

  private void join(int in, int before, int after) {
    if (before == NONE) {
      first[in] = after;
    } else {
      cells[(before << shift) + NEXT] = after;
    }
    if (after == NONE) {
      last[in] = before;
    } else {
      cells[(after << shift) + PREVIOUS] = before;
    }
  }

  void remove(int slot) {
    int before = cells[(slot << shift) + PREVIOUS];
    int after = cells[(slot << shift) + NEXT];
    int in = line(slot);
    if (turn[in] == slot) {
      turn[in] = after;
    }
    if (marked(slot)) {
      shorten(slot, before, after);
    } else if (marked(before) && marked(after)) {
      tie(cells[(before << shift) + FAR_END], cells[(after << shift) + FAR_END]);
    }
    cells[(slot << shift) + FAR_END] = ABSENT;
    join(in, before, after);
  }

  /** Takes a slot out of its run. */
  private void shorten(int slot, int before, int after) {
    if (!marked(before) && marked(after)) {
      tie(after, cells[(slot << shift) + FAR_END]);
    } else if (marked(before) && !marked(after)) {
      tie(cells[(slot << shift) + FAR_END], before);
    }
  }

  private void tie(int start, int end) {
    cells[(start << shift) + FAR_END] = end;
    cells[(end << shift) + FAR_END] = start;
  }

  /** {@return whether a slot was asked, and may not go as far as is known} */
  boolean marked(int slot) {
    return slot != NONE && cells[(slot << shift) + FAR_END] >= 0;
  }

  private void mark(int slot) {
    int before = cells[(slot << shift) + PREVIOUS];
    int after = cells[(slot << shift) + NEXT];
    cells[(slot << shift) + FAR_END] = slot;
    tie(
        marked(before) ? cells[(before << shift) + FAR_END] : slot,
        marked(after) ? cells[(after << shift) + FAR_END] : slot);
  }

  /**
   * Returns the coldest slot that may go, as far as is known, or {@link #NONE}: then every slot of
   * the line is marked.
   *
   * @param in the line
   * @param prefixes tells whose successor has gone
   * @param evictable tells which slots may go
   */
  int coldest(int in, Prefixes prefixes, Evictable evictable) {
    int slot = askFreed(in, prefixes, evictable);
    if (slot == NONE) {
      slot = askByTurns(in, TURNS, evictable);
    }
    return slot == NONE ? askUnmarked(in, evictable) : slot;
  }

  /** {@return the coldest slot that may go of one line, or else of another, or {@link #NONE}} */
  int coldest(int in, int orIn, Prefixes prefixes, Evictable evictable) {
    int slot = coldest(in, prefixes, evictable);
    if (slot == NONE) {
      slot = coldest(orIn, prefixes, evictable);
    }
    if (slot == NONE) {
      slot = askAll(in, evictable);
    }
    return slot == NONE ? askAll(orIn, evictable) : slot;
  }

  /** Asks every slot of a line in which all are marked, in their order. */
  int askAll(int in, Evictable evictable) {
    for (int slot = first[in]; slot != NONE; slot = cells[(slot << shift) + NEXT]) {
      cells[(slot << shift) + FAR_END] = UNMARKED;
    }
    turn[in] = NONE;
    return askUnmarked(in, evictable);
  }

  private int askFreed(int in, Prefixes prefixes, Evictable evictable) {
    int unmarked = firstUnmarked(in);
    for (int slot = prefixes.freed(); slot != NONE; slot = prefixes.freed()) {
      if (marked(slot)) {
        if (line(slot) != in || !precedes(slot, unmarked)) {
          return NONE;
        }
        if (evictable.test(slot)) {
          return orColder(in, slot, evictable);
        }
      }
      prefixes.forgetFreed();
    }
    return NONE;
  }

  /** Asks a few of those that were marked, and returns one that may go, or {@link #NONE}. */
  int askByTurns(int in, int few, Evictable evictable) {
    int unmarked = firstUnmarked(in);
    for (int i = 0; i < few && first[in] != unmarked; i++) {
      int slot = turn[in];
      if (!marked(slot) || !precedes(slot, unmarked)) {
        slot = first[in];
      }
      if (evictable.test(slot)) {
        return orColder(in, slot, evictable);
      }
      turn[in] = cells[(slot << shift) + NEXT];
    }
    return NONE;
  }

  /** {@return whether the next to be asked of those marked is the first again} */
  boolean allHadTheirTurn(int in) {
    return !marked(turn[in]);
  }

  /** Whoever let go of one slot may have let go of colder ones too. */
  int orColder(int in, int slot, Evictable evictable) {
    if (slot == first[in] || !evictable.test(first[in])) {
      return slot;
    }
    turn[in] = NONE;
    return first[in];
  }

  /** Asks those that are not marked, marks who may not go, and returns who may. */
  int askUnmarked(int in, Evictable evictable) {
    for (int slot = firstUnmarked(in); slot != NONE; slot = firstUnmarked(in)) {
      if (evictable.test(slot)) {
        return slot;
      }
      mark(slot);
    }
    return NONE;
  }

  boolean hasUnmarked(int in) {
    return firstUnmarked(in) != NONE;
  }

  /** {@return whether a slot that is marked is colder than all of its line that are not} */
  boolean precedesUnmarked(int slot) {
    return precedes(slot, firstUnmarked(line(slot)));
  }

  private int firstUnmarked(int in) {
    int start = first[in];
    return marked(start) ? cells[(cells[(start << shift) + FAR_END] << shift) + NEXT] : start;
  }

  private boolean precedes(int slot, int unmarked) {
    return unmarked == NONE
        || cells[(slot << shift) + PLACE] - cells[(unmarked << shift) + PLACE] < 0;
  }
}
