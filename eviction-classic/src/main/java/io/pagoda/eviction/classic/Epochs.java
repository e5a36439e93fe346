package io.pagoda.eviction.classic;

/*
 * What is old needs not to be told apart as finely as what is young. Epochs are gathered in parts
 * of spans, as bits in a counter: each time the number of the epoch is a multiple of 2^s, the parts
 * of span s move on by one, and the oldest of them to the youngest of span s + 1, where two of the
 * shorter ones come together. So to grow old costs a step for each part and not for each block, and
 * an age is known to a quarter of its span: Datar, Gionis, Indyk, Motwani, "Maintaining stream
 * statistics over sliding windows" (2002) count so.
 */
/**
 * Time in epochs of equal length, these in parts, and parts in spans, each span twice as long as
 * the one before. The last span has one part, which never ends.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Epochs {
  /** How many spans there are. */
  static final int SPANS = 12;

  /** How many parts a span has. */
  static final int PARTS = 4;

  /** How many parts there are. */
  static final int ALL = (SPANS - 1) * PARTS + 1;

  /** In how many bits the label of an epoch fits. */
  static final int BITS = SPANS + 1;

  /** More epochs than any but those of the last span are ago. */
  static final int MOST = 1 << BITS;

  private static final int LABEL = MOST - 1;

  private final int shift;
  private final byte[] parts = new byte[MOST];

  /** Of each part the first epoch that is of it, or of a younger one. */
  private final int[] oldest = new int[ALL];

  private int now;

  /**
   * Creates them at the beginning of the first.
   *
   * @param length how long an epoch is at most; it is a power of two
   */
  Epochs(int length) {
    shift = 31 - Integer.numberOfLeadingZeros(length);
  }

  /** {@return how long a number of epochs is} */
  int length(int epochs) {
    return (int) Math.min(Integer.MAX_VALUE, (long) epochs << shift);
  }

  /** {@return how many epochs end between two times} */
  int ended(long after, long until) {
    return (int) ((until >>> shift) - (after >>> shift));
  }

  /** {@return the epoch that is now} */
  int now() {
    return now;
  }

  /** {@return the label of the epoch that is now} */
  int label() {
    return now & LABEL;
  }

  /** {@return how many epochs ago one was that is not of the last span, by its label} */
  int age(int label) {
    return (now - label) & LABEL;
  }

  /** {@return the part of an epoch that is not of the last span, by its label} */
  int part(int label) {
    return parts[label & LABEL];
  }

  /** {@return the part of any epoch} */
  int partOf(int epoch) {
    int age = now - epoch;
    return age >= 0 && age < MOST ? parts[epoch & LABEL] : ALL - 1;
  }

  /** {@return the span of a part} */
  static int span(int part) {
    return part / PARTS;
  }

  /**
   * Begins an epoch.
   *
   * @return the oldest of the parts whose epochs are of the next part now; so are those of all
   *     younger ones
   */
  int begin() {
    now++;
    int spans = Math.min(SPANS - 1, Integer.numberOfTrailingZeros(now) + 1);
    int moved = spans * PARTS - 1;
    for (int part = moved; part >= 0; part--) {
      int end = part == 0 ? now : oldest[part - 1];
      for (int epoch = oldest[part]; epoch != end; epoch++) {
        parts[epoch & LABEL] = (byte) (part + 1);
      }
      oldest[part] = end;
    }
    parts[now & LABEL] = 0;
    return moved;
  }
}
