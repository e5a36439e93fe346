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
 * <p><b>Memory.</b> 44 bytes for each state.
 */
final class ReuseModel {
  private static final int SPANS = Epochs.SPANS;

  private static final double PRIOR = 20;
  private static final double FADING = .98;

  /** How long spans are. */
  private static final double[] LENGTHS = lengths();

  private final int classes;
  private final int[][] groups;

  /** Of each group, of each level but the widest, the wider one that it is of. */
  private final int[][] wider;

  private final double[][] groupReached;
  private final double[][] groupReused;
  private final double[][] believed;
  private final double[] reached;
  private final double[] reused;
  private final long[] worth;
  private final long[] order;
  private final int[] rank;
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
    wider = new int[levels][];
    groupReached = new double[levels][];
    groupReused = new double[levels][];
    believed = new double[levels][];
    for (int level = 0; level < levels; level++) {
      int count = Arrays.stream(groups[level]).max().orElse(0) + 1;
      groupReached[level] = new double[count * SPANS];
      groupReused[level] = new double[count * SPANS];
      believed[level] = new double[count * SPANS];
      wider[level] = wider(level, count);
    }
    reached = groupReached[levels - 1];
    reused = groupReused[levels - 1];
    worth = new long[classes * SPANS];
    order = new long[classes * SPANS];
    rank = new int[classes * SPANS];
    Arrays.setAll(order, state -> state);
    learn();
  }

  private int[] wider(int level, int count) {
    int[] of = new int[count];
    for (int each = 0; each < classes && level > 0; each++) {
      of[groups[level][each]] = groups[level - 1][each];
    }
    return of;
  }

  private static double[] lengths() {
    double[] lengths = new double[SPANS];
    Arrays.setAll(lengths, span -> Math.scalb(1.0, span));
    return lengths;
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
    for (int level = 0; level < groups.length; level++) {
      for (int group = 0; group < wider[level].length; group++) {
        believe(level, group);
      }
    }
    for (int of = 0; of < classes; of++) {
      value(of);
    }
    for (int state = 0; state < reached.length; state++) {
      reached[state] *= FADING;
      reused[state] *= FADING;
    }
    sort();
  }

  /** From the order that was, since little changes. */
  private void sort() {
    for (int place = 0; place < order.length; place++) {
      order[place] = worth[state(place)];
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
    int before = level == 0 ? 0 : wider[level][group] * SPANS;
    for (int span = 0; span < SPANS; span++) {
      int at = group * SPANS + span;
      double prior = level == 0 ? 0 : believed[level - 1][before + span];
      believed[level][at] = Math.min(
          1, (groupReused[level][at] + PRIOR * prior)
              / (Math.max(0, groupReached[level][at]) + PRIOR));
    }
  }

  /** Neighbouring spans are alike. */
  private void smoothen(int of) {
    double[] hazards = believed[groups.length - 1];
    int at = of * SPANS;
    for (int span = 0; span < SPANS; span++) {
      double before = hazards[at + Math.max(0, span - 1)];
      double after = hazards[at + Math.min(SPANS - 1, span + 1)];
      smooth[span] = (before + 2 * hazards[at + span] + after) / 4;
    }
  }

  private void value(int of) {
    smoothen(of);
    double remaining = 1;
    for (int span = 0; span < SPANS; span++) {
      chance[span] = remaining * smooth[span];
      left[span] = Math.max(1e-4, remaining - chance[span] / 2);
      remaining -= chance[span];
    }
    for (int span = 0; span < SPANS; span++) {
      int state = of * SPANS + span;
      long older = SPANS - 1L - span;
      long bits = Float.floatToIntBits((float) best(span));
      worth[state] = (bits << 32) | (older << 16) | state;
    }
  }

  /** {@return the most uses that keeping a block from a span on brings for each unit of time} */
  private double best(int from) {
    double uses = 0;
    double time = 0;
    double bestUses = 0;
    double bestTime = 1;
    for (int span = from; span < SPANS; span++) {
      uses += chance[span];
      time += left[span] * LENGTHS[span];
      if (uses * bestTime > bestUses * time) {
        bestUses = uses;
        bestTime = time;
      }
    }
    return bestUses / bestTime;
  }
}
