package io.pagoda.eviction.classic;

/**
 * Tells small numbers from large ones: classes that had about as much weight each so far, whatever
 * is usual where the tier is.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Quantiles {
  /** How many steps of numbers are told apart, four for each power of two. */
  static final int STEPS = 4 * Integer.SIZE;

  private static final double FADING = .995;

  private final int count;
  private final double[] weights = new double[STEPS];
  private final int[] classes = new int[STEPS];

  /** Creates them with nothing seen, so that every number is of class 0. */
  Quantiles(int count) {
    this.count = count;
  }

  /** {@return the step of a number, at least 1} */
  static int step(int number) {
    int exponent = 31 - Integer.numberOfLeadingZeros(number);
    int quarter = (int) (((long) number << 2) >>> exponent) & 3;
    return exponent * 4 + quarter;
  }

  void add(int step, int weight) {
    weights[step] += weight;
  }

  /** {@return the class of a step, from 0} */
  int of(int step) {
    return classes[step];
  }

  /** Draws the borders anew. */
  void learn() {
    double all = 0;
    for (int i = 0; i < STEPS; i++) {
      weights[i] *= FADING;
      all += weights[i];
    }
    double below = 0;
    for (int i = 0; i < STEPS && all > 0; i++) {
      classes[i] = (int) Math.min(count - 1, count * (below + weights[i] / 2) / all);
      below += weights[i];
    }
  }
}
