package io.pagoda.eviction.classic;

/** What is known of a block, in one word of its {@link Cell}. */
final class Known {
  /** It came, and nobody has used it but who brought it. */
  static final int CAME = 1 << 24;

  /** It speaks for its neighbours: its uses are counted, and it is remembered when it is gone. */
  static final int SPEAKS = 1 << 25;

  /** Its last use was told twice. */
  static final int TOLD_TWICE = 1 << 26;

  /** Its request is not over, and nothing was known of it before. */
  static final int NEW = 1 << 27;

  /** It goes on where an earlier request of its conversation ended. */
  static final int GOES_ON = 1 << 28;

  /** Its request is not over: it is of no stretch. */
  static final int WAITS = 1 << 29;

  private static final int USES = 0xff;
  private static final int BRANCHES_AT = 8;
  private static final int BRANCHES = 0x7f;
  private static final int GAP_AT = 16;
  private static final int GAP = 0x7f;
  private static final int NOTED = USES | BRANCHES << BRANCHES_AT;

  /** In how many bits a note fits. */
  static final int NOTE_BITS = 15;

  private Known() {}

  /** {@return the word of a block of which nothing is known} */
  static int came() {
    return CAME;
  }

  /** {@return the word of a block that was gone} */
  static int recalled(int note, int gap) {
    return CAME | (note & NOTED) | (gap << GAP_AT);
  }

  /** {@return what to remember of a block that goes} */
  static int note(int word) {
    return word & NOTED;
  }

  static boolean is(int word, int mark) {
    return (word & mark) != 0;
  }

  /** {@return how often the block was used, as far as anybody remembers} */
  static int uses(int word) {
    return word & USES;
  }

  static int used(int word) {
    return word + (uses(word) < USES ? 1 : 0);
  }

  /** {@return the word of a block that is used again, so long after the last time} */
  static int usedAgain(int word, int gap) {
    return (withGap(used(word), gap) & ~(SPEAKS | TOLD_TWICE | GOES_ON)) | WAITS;
  }

  /** {@return the word of a block of whose last use is told again} */
  static int toldTwice(int word) {
    return (word & ~SPEAKS) | TOLD_TWICE | WAITS;
  }

  /** {@return the step of the time between its last two uses, of {@link Quantiles#step}} */
  static int gap(int word) {
    return word >>> GAP_AT & GAP;
  }

  static int withGap(int word, int step) {
    return (word & ~(GAP << GAP_AT)) | (step << GAP_AT);
  }

  /** {@return how many ways the prefix goes on after the block, as far as anybody remembers} */
  static int branches(int word) {
    return word >>> BRANCHES_AT & BRANCHES;
  }

  static int branched(int word) {
    return word + (branches(word) < BRANCHES ? 1 << BRANCHES_AT : 0);
  }

  /** {@return the word of a new block, as often used, at such a distance, as another} */
  static int like(int word, int other) {
    return (word & ~(USES | GAP << GAP_AT | NEW)) | (other & (USES | GAP << GAP_AT));
  }
}
