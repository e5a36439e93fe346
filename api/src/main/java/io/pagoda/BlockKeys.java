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

  /** The number of the first key in {@link #words}. */
  private final int first;

  private final int size;

  private BlockKeys(long[] words, int first, int size) {
    this.words = words;
    this.first = first;
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
    return new BlockKeys(words, 0, words.length / 2);
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
    return words[2 * (first + Objects.checkIndex(index, size))];
  }

  /** {@return the lower 64 bits of the key at {@code index}} */
  public long low(int index) {
    return words[2 * (first + Objects.checkIndex(index, size)) + 1];
  }

  /** {@return the key at {@code index}} */
  public BlockKey key(int index) {
    return new BlockKey(high(index), low(index));
  }

  /** {@return the first {@code count} keys, sharing this object's memory} */
  public BlockKeys prefix(int count) {
    return range(0, count);
  }

  /** {@return the keys from {@code from} up to {@code to}, sharing this object's memory} */
  public BlockKeys range(int from, int to) {
    Objects.checkFromToIndex(from, to, size);
    return to - from == size ? this : new BlockKeys(words, first + from, to - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockKeys that
        && Arrays.equals(
            words, 2 * first, 2 * (first + size), that.words, 2 * that.first,
            2 * (that.first + that.size));
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
