package io.pagoda.core.plan;

import java.util.function.IntUnaryOperator;

/**
 * Which consecutive blocks of a prefix a tier keeps together if they come together: those whose
 * depths are {@code kn} to {@code kn + n - 1}, where it keeps {@code n}.
 *
 * @param sizes how many each tier keeps together, 1 if each block is by itself; by the tier's
 *     number
 * @param depth tells how many blocks of its prefix come before a block
 */
public record Groups(int[] sizes, IntUnaryOperator depth) {
  /** {@return the groups of tiers that keep each block by itself} */
  public static Groups none() {
    return new Groups(new int[0], _ -> 0);
  }

  /** {@return whether blocks that are neighbours in a batch belong together in a tier} */
  boolean share(int tier, int one, int other) {
    int size = tier < sizes.length ? sizes[tier] : 1;
    if (size == 1) {
      return false;
    }
    int here = depth.applyAsInt(one);
    int there = depth.applyAsInt(other);
    return Math.abs(here - there) == 1 && here / size == there / size;
  }
}
