package io.pagoda;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The keys of consecutive blocks of one prefix, first block first. Flat, so that a prefix of
 * thousands of blocks is one array.
 */
public final class BlockKeys {
  /** Each key's upper half, then its lower half. */
  private final long[] words;

  private final int size;

  private BlockKeys(long[] words, int size) {
    this.words = words;
    this.size = size;
  }

  /**
   * Returns the keys held in {@code words}, which the caller gives away: it must not change the
   * array afterwards.
   *
   * @param words for each key its upper and then its lower 64 bits
   * @throws IllegalArgumentException if the number of words is odd
   */
  public static BlockKeys ofWords(long[] words) {
    if ((words.length & 1) != 0) {
      throw new IllegalArgumentException("Two words make a key; got " + words.length + " words");
    }
    return new BlockKeys(words, words.length / 2);
  }

  /** {@return the given keys, in order} */
  public static BlockKeys of(List<BlockKey> keys) {
    long[] words = new long[2 * keys.size()];
    for (int i = 0; i < keys.size(); i++) {
      words[2 * i] = keys.get(i).high();
      words[2 * i + 1] = keys.get(i).low();
    }
    return ofWords(words);
  }

  /** {@return how many keys there are} */
  public int size() {
    return size;
  }

  /** {@return the upper 64 bits of the key at {@code index}} */
  public long high(int index) {
    return words[2 * Objects.checkIndex(index, size)];
  }

  /** {@return the lower 64 bits of the key at {@code index}} */
  public long low(int index) {
    return words[2 * Objects.checkIndex(index, size) + 1];
  }

  /** {@return the key at {@code index}} */
  public BlockKey key(int index) {
    return new BlockKey(high(index), low(index));
  }

  /** {@return the first {@code count} keys, sharing this object's memory} */
  public BlockKeys prefix(int count) {
    Objects.checkFromToIndex(0, count, size);
    return count == size ? this : new BlockKeys(words, count);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockKeys that
        && Arrays.equals(words, 0, 2 * size, that.words, 0, 2 * that.size);
  }

  @Override
  public int hashCode() {
    return size == 0 ? 0 : Long.hashCode(low(size - 1));
  }

  @Override
  public String toString() {
    return size == 0 ? "no keys" : size + " keys up to " + key(size - 1);
  }
}
