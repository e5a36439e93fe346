package io.pagoda.core.space;

/*
 * Of blocks that were used once, those are counted that were used a second time, by how deep in
 * their prefix they are: the beginning of a prompt is often shared, its end seldom; and apart those
 * with which a request ended, which are never used again where they are not full. What has been
 * seen too little of to tell is taken to be used again, or nobody would ever find out. Counts fade:
 * a block's second use comes a good while after its first, so of what was counted lately too few
 * were used again yet, which fading slowly keeps small.
 */
/**
 * Learns what the prospects are that a block which was used once is used again.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Prospects {
  /** Depths are told apart by powers of two. */
  private static final int DEPTHS = Integer.SIZE;

  /** How many blocks that were used again one begins with. */
  private static final double HOPE = 64;

  private static final double FADING = .5;
  private static final int PERIOD = 1 << 18;

  private final double[] once = new double[2 * DEPTHS];
  private final double[] again = new double[2 * DEPTHS];
  private int counted;

  /** Records a use of a block that was used so often before, with which a request ended or not. */
  void used(int before, int depth, boolean ended) {
    int at = kind(depth, ended);
    if (before == 0) {
      once[at]++;
      fade();
    } else if (before == 1) {
      again[at]++;
    }
  }

  private void fade() {
    if (++counted < PERIOD) {
      return;
    }
    counted = 0;
    for (int i = 0; i < once.length; i++) {
      once[i] *= FADING;
      again[i] *= FADING;
    }
  }

  /** {@return how likely a block is used again that was used once, 0 to 1} */
  double chance(int depth, boolean ended) {
    int at = kind(depth, ended);
    return Math.min(1, (again[at] + HOPE) / (once[at] + HOPE));
  }

  private static int kind(int depth, boolean ended) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(depth + 1) + (ended ? DEPTHS : 0);
  }
}
