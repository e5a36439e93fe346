package io.pagoda.tier.gpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/*
 *   kernel  a bb cccc dddddddd eeee ff g          out
 *   engine    a  bb   cccc     dddddddd eeee ff g
 */
/**
 * How many blocks go through a stage at a time. At the beginning one half of the road waits for the
 * other's first stage, and at the end for its last; so stages are small there, and double towards
 * the middle.
 */
final class Steps {
  /** Bytes of a stage below which its start is felt. */
  private static final long LEAST = 4 << 20;

  /** Bytes of a stage where all are equal: its fill and its emptying overlap with the others'. */
  private static final long EVEN = 16 << 20;

  private Steps() {}

  /**
   * Returns nearly equal numbers of blocks, for a part of a batch beside which others are.
   *
   * @param all how many blocks there are
   * @param blockBytes bytes of each that move, at least 1
   * @param most how many a stage holds, at least 1
   */
  static List<Integer> even(int all, long blockBytes, int most) {
    int each = Math.toIntExact(Math.clamp(EVEN / blockBytes, 1, (long) most));
    int count = Math.ceilDiv(all, each);
    List<Integer> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      steps.add((int) ((i + 1L) * all / count - (long) i * all / count));
    }
    return steps;
  }

  /**
   * Returns the numbers of blocks, in order.
   *
   * @param all how many blocks there are
   * @param blockBytes bytes of each that move, at least 1
   * @param most how many a stage holds, at least 1
   */
  static List<Integer> of(int all, long blockBytes, int most) {
    List<Integer> up = new ArrayList<>();
    List<Integer> down = new ArrayList<>();
    int next = Math.toIntExact(Math.clamp(Math.ceilDiv(LEAST, blockBytes), 1, (long) most));
    for (int left = all; left > 0; next = Math.min(most, 2 * next)) {
      int first = Math.min(left, next);
      up.add(first);
      left -= first;
      if (left > 0) {
        int last = Math.min(left, next);
        down.add(last);
        left -= last;
      }
    }
    Collections.reverse(down);
    up.addAll(down);
    return up;
  }
}
