package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Arrays;

/** A set of numbers, of which the lowest are found in a few steps. */
final class Places {
  private static final int NONE = EvictionPolicy.NONE;

  private final long[] words;

  /** A bit for each word that is not zero. */
  private final long[] some;

  Places(int most) {
    words = new long[(most + 63) / 64];
    some = new long[(words.length + 63) / 64];
  }

  void set(int place) {
    words[place >>> 6] |= 1L << place;
    some[place >>> 12] |= 1L << (place >>> 6);
  }

  void clear(int place) {
    int word = place >>> 6;
    words[word] &= ~(1L << place);
    if (words[word] == 0) {
      some[word >>> 6] &= ~(1L << word);
    }
  }

  void clear() {
    Arrays.fill(words, 0);
    Arrays.fill(some, 0);
  }

  boolean isSet(int place) {
    return (words[place >>> 6] >>> place & 1) != 0;
  }

  /** {@return the first from one on, or {@link EvictionPolicy#NONE}} */
  int from(int place) {
    int word = place >>> 6;
    if (word >= words.length) {
      return NONE;
    }
    long rest = words[word] & (-1L << place);
    if (rest == 0) {
      word = next(some, word + 1);
      if (word == NONE) {
        return NONE;
      }
      rest = words[word];
    }
    return (word << 6) + Long.numberOfTrailingZeros(rest);
  }

  private static int next(long[] in, int from) {
    int word = from >>> 6;
    if (word >= in.length) {
      return NONE;
    }
    long rest = in[word] & (-1L << from);
    while (rest == 0) {
      if (++word == in.length) {
        return NONE;
      }
      rest = in[word];
    }
    return (word << 6) + Long.numberOfTrailingZeros(rest);
  }
}
