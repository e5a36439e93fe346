package io.pagoda.eviction.classic;

/**
 * What is known of the block in each slot, in one word of each.
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> 4 bytes for each slot.
 */
final class Known {
  /** It came, and nobody has used it but who brought it. */
  static final int CAME = 1 << 24;

  /** It speaks for its neighbours: its uses are counted, and it is remembered when it is gone. */
  static final int SPEAKS = 1 << 25;

  /** Its last use was told twice. */
  static final int TOLD_TWICE = 1 << 26;

  /** Its request is not over, and nothing was known of it before. */
  static final int NEW = 1 << 27;

  /** It was gone, and is remembered. */
  static final int RECALLED = 1 << 28;

  /** It goes on where an earlier request of its conversation ended. */
  static final int GOES_ON = 1 << 29;

  /** Its request is not over: it is in no line. */
  static final int WAITS = 1 << 30;

  private static final int USES = 0xff;
  private static final int BRANCHES_AT = 8;
  private static final int BRANCHES = 0x7f;
  private static final int GAP_AT = 16;
  private static final int GAP = 0x7f;
  private static final int NOTED = USES | BRANCHES << BRANCHES_AT;

  /** In how many bits a note fits. */
  static final int NOTE_BITS = 15;

  private final int[] words;

  Known(int slots) {
    words = new int[slots];
  }

  /** Begins anew with a block of which nothing is known. */
  void came(int slot) {
    words[slot] = CAME;
  }

  /** Begins anew with a block that was gone. */
  void recalled(int slot, int note, int gap) {
    words[slot] = CAME | RECALLED | (note & NOTED) | gap << GAP_AT;
  }

  /** {@return what to remember of a block that goes} */
  int note(int slot) {
    return words[slot] & NOTED;
  }

  boolean is(int slot, int mark) {
    return (words[slot] & mark) != 0;
  }

  void mark(int slot, int mark) {
    words[slot] |= mark;
  }

  void unmark(int slot, int mark) {
    words[slot] &= ~mark;
  }

  void change(int slot, int unmark, int mark) {
    words[slot] = (words[slot] & ~unmark) | mark;
  }

  /** {@return how often the block was used, as far as anybody remembers} */
  int uses(int slot) {
    return words[slot] & USES;
  }

  void use(int slot) {
    words[slot] += uses(slot) < USES ? 1 : 0;
  }

  /** {@return the step of the time between its last two uses, of {@link Quantiles#step}} */
  int gap(int slot) {
    return words[slot] >>> GAP_AT & GAP;
  }

  void gap(int slot, int step) {
    words[slot] = (words[slot] & ~(GAP << GAP_AT)) | (step << GAP_AT);
  }

  /** {@return how many ways the prefix goes on after the block, as far as anybody remembers} */
  int branches(int slot) {
    return words[slot] >>> BRANCHES_AT & BRANCHES;
  }

  void branch(int slot) {
    words[slot] += branches(slot) < BRANCHES ? 1 << BRANCHES_AT : 0;
  }

  /** Makes a new block one as often used, at such a distance, as another. */
  void likeness(int slot, int other) {
    int kept = words[slot] & ~(USES | GAP << GAP_AT | NEW);
    words[slot] = kept | (words[other] & (USES | GAP << GAP_AT));
  }
}
