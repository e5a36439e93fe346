package io.pagoda.eviction.classic;

/**
 * Tells short requests from long ones: classes that had about as many blocks each so far, whatever
 * is usual where the tier is, and however many tokens a block has.
 */
final class PromptLengths {
  /** How many classes there are. */
  static final int CLASSES = 6;

  private static final int STEPS = 4;
  private static final double FADING = .995;

  /** By a logarithm of the length, in quarters. */
  private final double[] blocks = new double[STEPS * Integer.SIZE];
  private final int[] classes = new int[STEPS * Integer.SIZE];

  void add(int length) {
    blocks[bucket(length)] += length;
  }

  int of(int length) {
    return classes[bucket(length)];
  }

  private static int bucket(int length) {
    int exponent = 31 - Integer.numberOfLeadingZeros(length);
    int quarter = (int) (((long) length << 2) >>> exponent) & (STEPS - 1);
    return exponent * STEPS + quarter;
  }

  /** Draws the borders anew. */
  void learn() {
    double all = 0;
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] *= FADING;
      all += blocks[i];
    }
    double below = 0;
    for (int i = 0; i < blocks.length && all > 0; i++) {
      classes[i] = (int) Math.min(CLASSES - 1, CLASSES * (below + blocks[i] / 2) / all);
      below += blocks[i];
    }
  }
}
