package io.pagoda.node.plan;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/*
 * The distance of a block is how many others were used since it was used last. A cache that evicts
 * what was used least recently holds exactly the blocks whose distance is below its capacity,
 * whatever that is; so one pass tells all capacities (Mattson, Gecsei, Slutz, Traiger: Evaluation
 * techniques for storage hierarchies, 1970).
 *
 * Each use has a time. A Fenwick tree over the times marks the last use of each block, so a
 * distance is a sum of marks: O(log n). When the times are used up, the last uses are numbered
 * afresh; since the tree is then made twice as long as there are blocks, that costs O(log n) per
 * use too.
 */
/**
 * Tells how many other blocks were used since a block was used last.
 *
 * <p><b>Threads.</b> One at a time.
 *
 * <p><b>Memory.</b> Of the order of the blocks that were ever used.
 */
final class StackDistances {
  /** The distance of a block that was never used. */
  static final int NEVER = Integer.MAX_VALUE;

  private static final int LEAST_TIMES = 1024;

  private final Map<Long, Integer> lastUse = new HashMap<>();
  private int[] tree = new int[LEAST_TIMES + 1];
  private int now;

  /** {@return how many blocks were ever used} */
  int blocks() {
    return lastUse.size();
  }

  /** {@return the distance of a block, 0 if it was used last of all} */
  int distance(long block) {
    Integer time = lastUse.get(block);
    return time == null ? NEVER : blocks() - marksUpTo(time);
  }

  /** Uses a block. */
  void use(long block) {
    if (now == tree.length - 1) {
      renumber();
    }
    now++;
    Integer before = lastUse.put(block, now);
    if (before != null) {
      mark(before, -1);
    }
    mark(now, 1);
  }

  private int marksUpTo(int time) {
    int marks = 0;
    for (int i = time; i > 0; i -= Integer.lowestOneBit(i)) {
      marks += tree[i];
    }
    return marks;
  }

  private void mark(int time, int difference) {
    for (int i = time; i < tree.length; i += Integer.lowestOneBit(i)) {
      tree[i] += difference;
    }
  }

  private void renumber() {
    int[] times = lastUse.values().stream().mapToInt(Integer::intValue).sorted().toArray();
    lastUse.replaceAll((_, time) -> 1 + Arrays.binarySearch(times, time));
    tree = new int[Math.max(LEAST_TIMES, 2 * times.length) + 1];
    now = times.length;
    for (int time = 1; time <= now; time++) {
      mark(time, 1);
    }
  }
}
