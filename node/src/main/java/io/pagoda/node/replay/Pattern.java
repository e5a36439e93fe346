package io.pagoda.node.replay;

import java.lang.foreign.MemorySegment;

/*
 * A block is pages of 1024 words. Word w of page p of a block is scramble(STEPS[w] + seed(key, p)):
 * one table for every block keeps the loop to an addition, a shift and an exclusive or on words
 * that stay in the first-level cache, which the compiler turns into vector instructions. Steps and
 * seeds are scrambled 64-bit numbers, so a byte of another key, another page or another place in
 * the page agrees with what should be there only by chance, once in 256.
 */

/**
 * The bytes that a block must have: a function of its key and of the position in the block.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class Pattern {
  private static final int PAGE_WORDS = 1024;
  private static final long PAGE_BYTES = PAGE_WORDS * (long) Long.BYTES;
  private static final long[] STEPS = steps();

  private final long[] words = new long[PAGE_WORDS];
  private final MemorySegment page = MemorySegment.ofArray(words);

  private static long[] steps() {
    long[] steps = new long[PAGE_WORDS];
    for (int i = 0; i < PAGE_WORDS; i++) {
      steps[i] = Bits.mix(0x5eed_0000_0000_0000L + i);
    }
    return steps;
  }

  /**
   * Writes part of a block.
   *
   * @param high the upper half of the block's key
   * @param low its lower half
   * @param from where in the block {@code target} starts, in bytes
   * @param target takes the bytes
   */
  void fill(long high, long low, long from, MemorySegment target) {
    long at = 0;
    while (at < target.byteSize()) {
      long count = expect(high, low, from + at, target.byteSize() - at);
      long inPage = (from + at) % PAGE_BYTES;
      MemorySegment.copy(page, inPage, target, at, count);
      at += count;
    }
  }

  /**
   * Compares part of a block with what it must be.
   *
   * @param from where in the block {@code actual} starts, in bytes
   * @return where in {@code actual} the first wrong byte is, or -1 if all are right
   */
  long mismatch(long high, long low, long from, MemorySegment actual) {
    long at = 0;
    while (at < actual.byteSize()) {
      long count = expect(high, low, from + at, actual.byteSize() - at);
      long inPage = (from + at) % PAGE_BYTES;
      long wrong = MemorySegment.mismatch(page, inPage, inPage + count, actual, at, at + count);
      if (wrong >= 0) {
        return at + wrong;
      }
      at += count;
    }
    return -1;
  }

  /** Puts into {@link #page} what the block holds from {@code offset} on; returns how much. */
  private long expect(long high, long low, long offset, long atMost) {
    int inPage = (int) (offset % PAGE_BYTES);
    int count = (int) Math.min(atMost, PAGE_BYTES - inPage);
    int firstWord = inPage / Long.BYTES;
    int endWord = (inPage + count + Long.BYTES - 1) / Long.BYTES;
    generate(seed(high, low, offset / PAGE_BYTES), firstWord, endWord);
    return count;
  }

  private static long seed(long high, long low, long page) {
    return Bits.mix(high ^ Bits.mix(low + Bits.mix(page)));
  }

  private void generate(long seed, int from, int to) {
    for (int i = from; i < to; i++) {
      long sum = STEPS[i] + seed;
      words[i] = sum ^ (sum >>> 29);
    }
  }
}
