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
 * <p><b>Memory.</b> 20 bytes for each slot, and 12 for each line.
 */
final class Lines {
  static final int NONE = EvictionPolicy.NONE;

  /** How many marked slots are asked again at a call. */
  static final int TURNS = 4;

  private static final int UNMARKED = -1;
  private static final int ABSENT = -2;

  private final int[] next;
  private final int[] previous;
  private final int[] line;

  /** Of the first and last slot of a run, the other; of those between, any slot. */
  private final int[] farEnd;

  /** Ascending along a line. After 2³¹ slots it wraps, and an old slot is asked too early. */
  private final int[] place;

  private int lowest;
  private int highest;
  private final int[] first;
  private final int[] last;

  /** Of each line the marked slot whose turn it is, or {@link #NONE} for the first. */
  private final int[] turn;

  Lines(int slots, int lines) {
    next = new int[slots];
    previous = new int[slots];
    line = new int[slots];
    farEnd = new int[slots];
    place = new int[slots];
    first = new int[lines];
    last = new int[lines];
    turn = new int[lines];
    Arrays.fill(farEnd, ABSENT);
    Arrays.fill(first, NONE);
    Arrays.fill(last, NONE);
    Arrays.fill(turn, NONE);
  }

  boolean isEmpty(int of) {
    return first[of] == NONE;
  }

  /** {@return the line of a slot that is in one} */
  int line(int slot) {
    return line[slot];
  }

  boolean contains(int slot) {
    return farEnd[slot] != ABSENT;
  }

  /** {@return the coldest slot of a line, or {@link #NONE}} */
  int first(int of) {
    return first[of];
  }

  /** {@return the slot that follows one in its line, or {@link #NONE}} */
  int next(int slot) {
    return next[slot];
  }

  /** Adds a slot as the coldest of a line. */
  void addFirst(int to, int slot) {
    place[slot] = --lowest;
    insert(to, slot, NONE, first[to]);
  }

  /** Adds a slot as the hottest of a line. */
  void addLast(int to, int slot) {
    place[slot] = ++highest;
    insert(to, slot, last[to], NONE);
  }

  private void insert(int to, int slot, int before, int after) {
    farEnd[slot] = UNMARKED;
    line[slot] = to;
    previous[slot] = before;
    next[slot] = after;
    join(to, before, slot);
    join(to, slot, after);
  }

  private void join(int in, int before, int after) {
    if (before == NONE) {
      first[in] = after;
    } else {
      next[before] = after;
    }
    if (after == NONE) {
      last[in] = before;
    } else {
      previous[after] = before;
    }
  }

  void remove(int slot) {
    int before = previous[slot];
    int after = next[slot];
    if (turn[line[slot]] == slot) {
      turn[line[slot]] = after;
    }
    if (marked(slot)) {
      shorten(slot, before, after);
    } else if (marked(before) && marked(after)) {
      tie(farEnd[before], farEnd[after]);
    }
    farEnd[slot] = ABSENT;
    join(line[slot], before, after);
  }

  /** Takes a slot out of its run. */
  private void shorten(int slot, int before, int after) {
    if (!marked(before) && marked(after)) {
      tie(after, farEnd[slot]);
    } else if (marked(before) && !marked(after)) {
      tie(farEnd[slot], before);
    }
  }

  private void tie(int start, int end) {
    farEnd[start] = end;
    farEnd[end] = start;
  }

  private boolean marked(int slot) {
    return slot != NONE && farEnd[slot] >= 0;
  }

  private void mark(int slot) {
    int before = previous[slot];
    int after = next[slot];
    farEnd[slot] = slot;
    tie(marked(before) ? farEnd[before] : slot, marked(after) ? farEnd[after] : slot);
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
      slot = askByTurns(in, evictable);
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
    for (int slot = first[in]; slot != NONE; slot = next[slot]) {
      farEnd[slot] = UNMARKED;
    }
    turn[in] = NONE;
    return askUnmarked(in, evictable);
  }

  private int askFreed(int in, Prefixes prefixes, Evictable evictable) {
    int unmarked = firstUnmarked(in);
    for (int slot = prefixes.freed(); slot != NONE; slot = prefixes.freed()) {
      if (marked(slot)) {
        if (line[slot] != in || !precedes(slot, unmarked)) {
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

  private int askByTurns(int in, Evictable evictable) {
    int unmarked = firstUnmarked(in);
    for (int i = 0; i < TURNS && first[in] != unmarked; i++) {
      int slot = turn[in];
      if (!marked(slot) || !precedes(slot, unmarked)) {
        slot = first[in];
      }
      if (evictable.test(slot)) {
        return orColder(in, slot, evictable);
      }
      turn[in] = next[slot];
    }
    return NONE;
  }

  /** Whoever let go of one slot may have let go of colder ones too. */
  private int orColder(int in, int slot, Evictable evictable) {
    if (slot == first[in] || !evictable.test(first[in])) {
      return slot;
    }
    turn[in] = NONE;
    return first[in];
  }

  private int askUnmarked(int in, Evictable evictable) {
    for (int slot = firstUnmarked(in); slot != NONE; slot = firstUnmarked(in)) {
      if (evictable.test(slot)) {
        return slot;
      }
      mark(slot);
    }
    return NONE;
  }

  private int firstUnmarked(int in) {
    int start = first[in];
    return marked(start) ? next[farEnd[start]] : start;
  }

  private boolean precedes(int slot, int unmarked) {
    return unmarked == NONE || place[slot] - place[unmarked] < 0;
  }
}
