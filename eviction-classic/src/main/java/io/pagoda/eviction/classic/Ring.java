package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * A calendar queue (Brown, CACM 1988) whose days are lines. Which of them hold slots is known by a
 * bit for each, and by a bit for each 64 of those, so that the next is found in a few steps.
 */
/**
 * Slots by number, those with the lowest first; of equal ones, the one that was added first. The
 * numbers lie within a span: who is too far beyond the lowest is put at the end of the span.
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> 40 bytes for each slot, and 12 for each number of the span.
 */
final class Ring {
  private static final int NONE = EvictionPolicy.NONE;

  private static final int MOST = 1 << 16;
  private static final int LEAST = 1 << 12;

  private final Lines lines;
  private final long[] number;
  private final int span;
  private final long[] filled;
  private final long[] filledWords;
  private long lowest;

  /** Nobody is beyond. */
  private long highest;

  private int size;

  Ring(int slots) {
    span = Math.clamp(Long.highestOneBit(32L * slots), LEAST, MOST);
    lines = new Lines(slots, span);
    number = new long[slots];
    filled = new long[span >>> 6];
    filledWords = new long[span >>> 12];
  }

  /** {@return how far the numbers of slots may differ} */
  int span() {
    return span;
  }

  long number(int slot) {
    return number[slot];
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(int slot, long wanted) {
    if (size == 0) {
      lowest = wanted;
      highest = wanted;
    } else if (wanted < lowest) {
      lowest = Math.clamp(wanted, highest - span + 1, lowest);
    }
    long at = Math.clamp(wanted, lowest, lowest + span - 1);
    number[slot] = at;
    highest = Math.max(highest, at);
    int line = line(at);
    lines.addLast(line, slot);
    filled[line >>> 6] |= 1L << line;
    filledWords[line >>> 12] |= 1L << (line >>> 6);
    size++;
  }

  private int line(long of) {
    return (int) of & (span - 1);
  }

  void remove(int slot) {
    int line = line(number[slot]);
    lines.remove(slot);
    size--;
    if (lines.isEmpty(line)) {
      emptied(line);
    }
  }

  private void emptied(int line) {
    filled[line >>> 6] &= ~(1L << line);
    if (filled[line >>> 6] == 0) {
      filledWords[line >>> 12] &= ~(1L << (line >>> 6));
    }
    if (size > 0) {
      lowest = next(lowest);
    }
  }

  /** {@return the lowest number from {@code from} on that has slots, of which there are some} */
  private long next(long from) {
    int at = line(from);
    long rest = filled[at >>> 6] >>> at;
    if (rest != 0) {
      return from + Long.numberOfTrailingZeros(rest);
    }
    int word = nextWord((at >>> 6) + 1);
    int line = (word << 6) + Long.numberOfTrailingZeros(filled[word]);
    return from + ((line - at) & (span - 1));
  }

  private int nextWord(int from) {
    int words = filled.length;
    int word = from & (words - 1);
    long rest = filledWords[word >>> 6] >>> word;
    if (rest != 0) {
      return word + Long.numberOfTrailingZeros(rest);
    }
    int group = word >>> 6;
    do {
      group = (group + 1) & (filledWords.length - 1);
    } while (filledWords[group] == 0);
    return (group << 6) + Long.numberOfTrailingZeros(filledWords[group]);
  }

  /** {@return the first slot that may go, or {@link EvictionPolicy#NONE}} */
  int coldest(Prefixes prefixes, Evictable evictable) {
    int slot = search(prefixes, evictable, false);
    return slot == NONE ? search(prefixes, evictable, true) : slot;
  }

  private int search(Prefixes prefixes, Evictable evictable, boolean all) {
    int left = size == 0 ? 0 : span;
    long at = lowest;
    while (left > 0) {
      int line = line(at);
      int slot = all ? lines.askAll(line, evictable) : lines.coldest(line, prefixes, evictable);
      if (slot != NONE) {
        return slot;
      }
      long following = next(at + 1);
      left -= (int) (following - at);
      at = following;
    }
    return NONE;
  }
}
