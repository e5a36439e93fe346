package io.pagoda.core;

/** Keys that are easy to tell apart in a failed test. */
final class LongKeys {
  private LongKeys() {}

  /** {@return the words of {@code count} keys whose lower halves count up from {@code first}} */
  static long[] words(long first, int count) {
    long[] words = new long[2 * count];
    for (int i = 0; i < count; i++) {
      words[2 * i] = -first;
      words[2 * i + 1] = first + i;
    }
    return words;
  }
}
