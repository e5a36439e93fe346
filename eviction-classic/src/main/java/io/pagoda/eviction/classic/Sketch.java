package io.pagoda.eviction.classic;

/**
 * About how often numbers were counted of late: a count-min sketch of counters to 15, all of which
 * are halved when as many numbers were counted as ten times what the sketch is for. See Cormode,
 * Muthukrishnan (2005); Einziger, Friedman, Manes, "TinyLFU" (2017).
 *
 * <p><b>Memory.</b> 16 to 32 bytes for each number that it is for.
 */
final class Sketch {
  private static final int ROWS = 4;
  private static final byte MOST = 15;
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private final byte[] counters;
  private final int mask;
  private final long period;
  private long counted;

  Sketch(int expected) {
    int width = Math.max(16, Integer.highestOneBit(Math.max(1, expected)) << 2);
    counters = new byte[ROWS * width];
    mask = width - 1;
    period = 10L * Math.max(1, expected);
  }

  void count(long number) {
    for (int row = 0; row < ROWS; row++) {
      int at = place(number, row);
      counters[at] = (byte) Math.min(MOST, counters[at] + 1);
    }
    if (++counted == period) {
      counted = 0;
      halve();
    }
  }

  private void halve() {
    for (int i = 0; i < counters.length; i++) {
      counters[i] >>= 1;
    }
  }

  int estimate(long number) {
    int least = MOST;
    for (int row = 0; row < ROWS; row++) {
      least = Math.min(least, counters[place(number, row)]);
    }
    return least;
  }

  private int place(long number, int row) {
    long mixed = (number + row) * SPREAD;
    mixed = (mixed ^ (mixed >>> 32)) * SPREAD;
    return row * (mask + 1) + ((int) (mixed >>> 32) & mask);
  }
}
