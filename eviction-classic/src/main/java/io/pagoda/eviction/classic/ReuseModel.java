package io.pagoda.eviction.classic;

import java.util.Arrays;

/*
 * A state is a class of blocks and a span of time since their last use. Of each is counted how many
 * blocks reached it, and how many of those were used again in it: the hazard of Kaplan and Meier
 * (1958), which blocks that are still waiting do not bias. What a class has not seen often enough
 * to tell is believed of it from its group, of that from a larger one, and at last from all: as if
 * each had seen PRIOR blocks that behaved so. Counts fade, so that what was learned of other times
 * does.
 *
 * What a state is worth is the highest rate of uses for each unit of time in the tier that keeping
 * its blocks for some while brings: Gittins' index (1979), which Beckmann, Chen, Cidon, "LHD:
 * improving cache hit rate by maximizing hit density" (2018) call hit density.
 */
/**
 * What is learned of when blocks are used again, and the order of states that follows from it.
 *
 * <p><b>Memory.</b> 32 bytes for each state.
 */
final class ReuseModel {
  private static final int SPANS = Epochs.SPANS;

  private static final double PRIOR = 20;
  private static final double FADING = .98;

  private final int classes;
  private final int[][] groups;
  private final double[][] groupReached;
  private final double[][] groupReused;
  private final double[] reached;
  private final double[] reused;
  private final long[] order;
  private final int[] rank;
  private final double[][] believed;
  private final double[] smooth = new double[SPANS];
  private final double[] chance = new double[SPANS];
  private final double[] left = new double[SPANS];

  /**
   * Creates a model that knows nothing: the longer ago a block was used, the less it is worth.
   *
   * @param groups of each class the group that it is of, the widest groups first; the last are the
   *     classes themselves
   */
  ReuseModel(int[][] groups) {
    this.groups = groups;
    int levels = groups.length;
    classes = groups[levels - 1].length;
    groupReached = new double[levels][];
    groupReused = new double[levels][];
    for (int level = 0; level < levels; level++) {
      int count = Arrays.stream(groups[level]).max().orElse(0) + 1;
      groupReached[level] = new double[count * SPANS];
      groupReused[level] = new double[count * SPANS];
    }
    reached = groupReached[levels - 1];
    reused = groupReused[levels - 1];
    believed = new double[levels + 1][SPANS];
    order = new long[classes * SPANS];
    rank = new int[classes * SPANS];
    learn();
  }

  void reached(int state, int blocks) {
    reached[state] += blocks;
  }

  void reused(int state, int blocks) {
    reused[state] += blocks;
  }

  /** {@return the place of a state in the order, the least worth first} */
  int rank(int state) {
    return rank[state];
  }

  /** {@return which state has a place in the order} */
  int state(int place) {
    return (int) order[place] & 0xffff;
  }

  /** Puts the states in the order that follows from what was counted. */
  void learn() {
    sumGroups();
    for (int of = 0; of < classes; of++) {
      for (int level = 0; level < groups.length; level++) {
        believe(level, groups[level][of]);
      }
      value(of);
    }
    for (int state = 0; state < reached.length; state++) {
      reached[state] *= FADING;
      reused[state] *= FADING;
    }
    Arrays.sort(order);
    for (int place = 0; place < order.length; place++) {
      rank[state(place)] = place;
    }
  }

  private void sumGroups() {
    for (int level = 0; level + 1 < groups.length; level++) {
      Arrays.fill(groupReached[level], 0);
      Arrays.fill(groupReused[level], 0);
      for (int of = 0; of < classes; of++) {
        int to = groups[level][of] * SPANS;
        for (int span = 0; span < SPANS; span++) {
          groupReached[level][to + span] += reached[of * SPANS + span];
          groupReused[level][to + span] += reused[of * SPANS + span];
        }
      }
    }
  }

  private void believe(int level, int group) {
    for (int span = 0; span < SPANS; span++) {
      int at = group * SPANS + span;
      double before = believed[level][span];
      believed[level + 1][span] = Math.min(
          1, (groupReused[level][at] + PRIOR * before)
              / (Math.max(0, groupReached[level][at]) + PRIOR));
    }
  }

  /** Neighbouring spans are alike. */
  private void smoothen() {
    double[] hazards = believed[groups.length];
    for (int span = 0; span < SPANS; span++) {
      double before = hazards[Math.max(0, span - 1)];
      double after = hazards[Math.min(SPANS - 1, span + 1)];
      smooth[span] = (before + 2 * hazards[span] + after) / 4;
    }
  }

  private void value(int of) {
    smoothen();
    double remaining = 1;
    for (int span = 0; span < SPANS; span++) {
      chance[span] = remaining * smooth[span];
      left[span] = Math.max(1e-4, remaining - chance[span] / 2);
      remaining -= chance[span];
    }
    for (int span = 0; span < SPANS; span++) {
      int state = of * SPANS + span;
      long older = SPANS - 1L - span;
      long worth = Float.floatToIntBits((float) best(span));
      order[state] = (worth << 32) | (older << 16) | state;
    }
  }

  /** {@return the most uses that keeping a block from a span on brings for each unit of time} */
  private double best(int from) {
    double uses = 0;
    double time = 0;
    double best = 0;
    for (int span = from; span < SPANS; span++) {
      uses += chance[span];
      time += left[span] * Math.scalb(1.0, span);
      best = Math.max(best, uses / time);
    }
    return best;
  }
}
