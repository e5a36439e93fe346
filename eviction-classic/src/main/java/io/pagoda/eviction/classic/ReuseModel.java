package io.pagoda.eviction.classic;

import java.util.Arrays;

/*
 * A state is a class of blocks and a span of time since their last use. Of each is counted how many
 * blocks reached it, and how many of those were used again in it: the hazard of Kaplan and Meier
 * (1958), which blocks that are still waiting do not bias. What a class has not seen often enough
 * to tell is believed of it from its group, and of that from all: as if each had seen PRIOR blocks
 * that behaved so. Counts fade, so that what was learned of other times does.
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
  /** How many spans of time are told apart, each twice as long as the one before. */
  static final int SPANS = 12;

  private static final double PRIOR = 50;
  private static final double FADING = .995;

  private final int classes;
  private final int groups;
  private final double[] reached;
  private final double[] reused;
  private final long[] order;
  private final int[] rank;
  private final double[] groupReached;
  private final double[] groupReused;
  private final double[] allHazards = new double[SPANS];
  private final double[] groupHazards = new double[SPANS];
  private final double[] hazards = new double[SPANS];
  private final double[] smooth = new double[SPANS];
  private final double[] chance = new double[SPANS];
  private final double[] left = new double[SPANS];

  /**
   * Creates a model that knows nothing: the longer ago a block was used, the less it is worth.
   *
   * @param classes how many classes of blocks there are
   * @param groups how many groups of classes: class {@code i} is of group {@code i % groups}
   */
  ReuseModel(int classes, int groups) {
    this.classes = classes;
    this.groups = groups;
    reached = new double[classes * SPANS];
    reused = new double[classes * SPANS];
    order = new long[classes * SPANS];
    rank = new int[classes * SPANS];
    groupReached = new double[(groups + 1) * SPANS];
    groupReused = new double[(groups + 1) * SPANS];
    learn();
  }

  int states() {
    return rank.length;
  }

  void reached(int state, int blocks) {
    reached[state] += blocks;
  }

  void reused(int state) {
    reused[state]++;
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
    Arrays.fill(hazards, 0);
    believe(groupReached, groupReused, groups, hazards, allHazards);
    for (int group = 0; group < groups; group++) {
      believe(groupReached, groupReused, group, allHazards, groupHazards);
      for (int of = group; of < classes; of += groups) {
        believe(reached, reused, of, groupHazards, hazards);
        value(of);
      }
    }
    Arrays.sort(order);
    for (int place = 0; place < order.length; place++) {
      rank[state(place)] = place;
    }
  }

  private void sumGroups() {
    Arrays.fill(groupReached, 0);
    Arrays.fill(groupReused, 0);
    int all = groups * SPANS;
    for (int state = 0; state < reached.length; state++) {
      int span = state % SPANS;
      int to = state / SPANS % groups * SPANS + span;
      groupReached[to] += reached[state];
      groupReused[to] += reused[state];
      groupReached[all + span] += reached[state];
      groupReused[all + span] += reused[state];
      reached[state] *= FADING;
      reused[state] *= FADING;
    }
  }

  private static void believe(
      double[] reached, double[] reused, int of, double[] before, double[] after) {
    for (int span = 0; span < SPANS; span++) {
      int at = of * SPANS + span;
      after[span] =
          Math.min(1, (reused[at] + PRIOR * before[span]) / (Math.max(0, reached[at]) + PRIOR));
    }
  }

  /** Neighbouring spans are alike. */
  private void smoothen() {
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
      time += left[span] * Math.scalb(1.0, Math.max(0, span - 1));
      best = Math.max(best, uses / time);
    }
    return best;
  }
}
