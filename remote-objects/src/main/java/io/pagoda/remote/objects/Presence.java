package io.pagoda.remote.objects;

import java.time.Duration;
import java.util.Arrays;

/**
 * What is known of which blocks are there, for a while: others store and delete, too. It has room
 * for so many blocks, and forgets what it knows longest when there are more.
 *
 * <p><b>Threads.</b> Any.
 */
final class Presence {
  /** What is known of a block. */
  enum State {
    /** Nothing. */
    UNKNOWN,
    /** It was there a moment ago. */
    PRESENT,
    /** It was not. */
    ABSENT
  }

  private static final int WAYS = 4;

  private final long presentNs;
  private final long absentNs;
  private final long[] keys;
  // Until when it holds, by nanoTime; the lowest bit tells presence. 0: nothing.
  private final long[] until;
  private final int sets;

  /**
   * Begins with nothing.
   *
   * @param room for how many blocks
   * @param present how long it counts that a block was there ...
   * @param absent ... or was not
   */
  Presence(int room, Duration present, Duration absent) {
    this.sets = Math.max(1, room / WAYS);
    this.keys = new long[2 * sets * WAYS];
    this.until = new long[sets * WAYS];
    this.presentNs = present.toNanos();
    this.absentNs = absent.toNanos();
  }

  synchronized State of(long high, long low, long now) {
    int at = find(high, low);
    if (at < 0 || until[at] - now <= 0) {
      return State.UNKNOWN;
    }
    return (until[at] & 1) == 1 ? State.PRESENT : State.ABSENT;
  }

  synchronized void present(long high, long low, long now) {
    put(high, low, (now + presentNs) | 1);
  }

  synchronized void absent(long high, long low, long now) {
    put(high, low, (now + absentNs) & ~1);
  }

  synchronized void forget(long high, long low) {
    int at = find(high, low);
    if (at >= 0) {
      until[at] = 0;
    }
  }

  synchronized void forgetAll() {
    Arrays.fill(until, 0);
  }

  private int find(long high, long low) {
    int first = set(low);
    for (int at = first; at < first + WAYS; at++) {
      if (until[at] != 0 && keys[2 * at] == high && keys[2 * at + 1] == low) {
        return at;
      }
    }
    return -1;
  }

  private void put(long high, long low, long holds) {
    int at = find(high, low);
    if (at < 0) {
      at = oldest(set(low));
      keys[2 * at] = high;
      keys[2 * at + 1] = low;
    }
    until[at] = holds;
  }

  private int oldest(int first) {
    int oldest = first;
    for (int at = first; at < first + WAYS; at++) {
      if (until[at] == 0) {
        return at;
      }
      if (until[at] - until[oldest] < 0) {
        oldest = at;
      }
    }
    return oldest;
  }

  private int set(long low) {
    return WAYS * (int) Long.remainderUnsigned(low, sets);
  }
}
