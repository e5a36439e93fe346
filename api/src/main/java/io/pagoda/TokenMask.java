package io.pagoda;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some of the tokens of a request: those that take part in it, or those that it moved. Nearly
 * always one range, which costs nothing to keep.
 */
public final class TokenMask {
  private final int size;
  private final int from;
  private final int to;

  /** Each token by itself; null where all in the range are in the mask. */
  private final boolean @Nullable [] single;

  private TokenMask(int size, int from, int to, boolean @Nullable [] single) {
    this.size = size;
    this.from = from;
    this.to = to;
    this.single = single;
  }

  /** {@return all of {@code size} tokens} */
  public static TokenMask all(int size) {
    return range(0, size, size);
  }

  /** {@return none of {@code size} tokens} */
  public static TokenMask none(int size) {
    return range(0, 0, size);
  }

  /**
   * Returns the tokens of a range.
   *
   * @param from the first
   * @param to the one after the last
   * @param size how many tokens there are
   * @throws IndexOutOfBoundsException if the range is not within the tokens
   */
  public static TokenMask range(int from, int to, int size) {
    Objects.checkFromToIndex(from, to, size);
    return from == to ? new TokenMask(size, 0, 0, null) : new TokenMask(size, from, to, null);
  }

  /** {@return the tokens for which {@code mask}, which is copied if need be, has true} */
  public static TokenMask of(boolean... mask) {
    int from = 0;
    while (from < mask.length && !mask[from]) {
      from++;
    }
    int to = mask.length;
    while (to > from && !mask[to - 1]) {
      to--;
    }
    TokenMask hull = range(from, to, mask.length);
    return firstHole(mask, from, to) < 0 ? hull : new TokenMask(hull.size, from, to, mask.clone());
  }

  private static int firstHole(boolean[] mask, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!mask[i]) {
        return i;
      }
    }
    return -1;
  }

  /** {@return of how many tokens it speaks} */
  public int size() {
    return size;
  }

  /** {@return the first token in the mask; 0 if there is none} */
  public int from() {
    return from;
  }

  /** {@return the token after the last in the mask; 0 if there is none} */
  public int to() {
    return to;
  }

  /** {@return how many tokens are in the mask} */
  public int count() {
    boolean[] each = single;
    return each == null
        ? to - from
        : (int) IntStream.range(from, to).filter(token -> each[token]).count();
  }

  /** {@return whether {@code token} is in the mask} */
  public boolean has(int token) {
    Objects.checkIndex(token, size);
    return token >= from && token < to && (single == null || single[token]);
  }

  /** {@return the first token out of the mask that has tokens in the mask on both sides} */
  public OptionalInt hole() {
    return single == null ? OptionalInt.empty() : OptionalInt.of(firstHole(single, from, to));
  }

  /** {@return the mask as an array, for each token whether it is in; a new one at every call} */
  public boolean[] toArray() {
    boolean[] array = single == null ? new boolean[size] : single.clone();
    if (single == null) {
      Arrays.fill(array, from, to, true);
    }
    return array;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenMask that
        && size == that.size
        && from == that.from
        && to == that.to
        && Arrays.equals(single, that.single);
  }

  @Override
  public int hashCode() {
    return Objects.hash(size, from, to);
  }

  @Override
  public String toString() {
    if (from == to) {
      return "none of " + size + " tokens";
    }
    String range = "tokens %d to %d of %d".formatted(from, to - 1, size);
    return single == null ? range : range + ", with holes";
  }
}
