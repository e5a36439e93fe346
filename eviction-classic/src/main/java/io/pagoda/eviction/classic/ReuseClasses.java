package io.pagoda.eviction.classic;

/*
 *   0 - 4                  the last of a request, by how often it was used
 *   5 - 10                 used once, by how long the request is
 *   11 -                   used again, by how often, by the time between uses in powers of two of
 *                          what the tier holds, by whether it is new, by how long the request is
 */
/** The classes of blocks that {@link AdaptivePolicy} tells apart, in groups of groups. */
final class ReuseClasses {
  /** How many classes of lengths there are. */
  static final int LENGTHS = 6;

  private static final int OFTEN = 5;
  private static final int GAPS = 8;
  private static final int NEWNESS = 2;
  private static final int COARSE_LENGTHS = 3;
  private static final int AGAIN = OFTEN + LENGTHS;
  private static final int PER_GAP = NEWNESS * COARSE_LENGTHS;

  /** How many there are. */
  static final int COUNT = AGAIN + (OFTEN - 1) * GAPS * PER_GAP;

  /** Of a block of which nobody has told but that it came. */
  static final int NOT_USED = OFTEN;

  /** An eighth of what the tier holds, as a step of {@link Quantiles}. */
  private final int shortest;

  ReuseClasses(int slots) {
    shortest = Quantiles.step(slots) - 3 * 4;
  }

  /** {@return the class of a block of which so much is known} */
  int of(int known, boolean last, int length) {
    int used = Known.uses(known);
    int often = used <= 1 ? 0 : used <= 2 ? 1 : used <= 4 ? 2 : used <= 8 ? 3 : 4;
    if (last) {
      return often;
    }
    if (often == 0) {
      return OFTEN + length;
    }
    int gap = Math.clamp((Known.gap(known) - shortest) / 4, 0, GAPS - 1);
    int newness = Known.is(known, Known.GOES_ON) ? 1 : 0;
    int within = newness * COARSE_LENGTHS + length * COARSE_LENGTHS / LENGTHS;
    return AGAIN + ((often - 1) * GAPS + gap) * PER_GAP + within;
  }

  /**
   * Returns of each class the groups that it is of: all that are last, or are not; with how often
   * they were used, and whether they are new; with the time between uses; the class itself.
   */
  static int[][] groups() {
    int[][] groups = new int[4][COUNT];
    for (int of = 0; of < COUNT; of++) {
      int again = of - AGAIN;
      boolean once = again < 0;
      int newness = again / COARSE_LENGTHS % NEWNESS;
      groups[0][of] = of < OFTEN ? 0 : 1;
      groups[1][of] =
          of < OFTEN ? of : once ? OFTEN : OFTEN + 1 + again / (GAPS * PER_GAP) * NEWNESS + newness;
      groups[2][of] = once ? of : AGAIN + again / COARSE_LENGTHS;
      groups[3][of] = of;
    }
    return groups;
  }
}
