package io.pagoda.core.run;

import java.time.Duration;

/*
 * Batches are put into classes by their size, each twice the one before, and each class keeps the
 * mean of what came lately. Between two classes it is a straight line, and beyond the largest that
 * through the smallest and the largest. What nobody has tried lately is taken to be cheap, or
 * nobody would ever try: a batch smaller than all is in proportion to the smallest, and if there is
 * one class only, a larger batch takes no longer.
 */
/**
 * Foretells how long a tier takes for a number of bytes, from how long it took lately.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Forecast {
  /** After how long a class is forgotten that nothing was learned of. */
  static final long STALE_NANOS = Duration.ofSeconds(10).toNanos();

  /** What a measurement counts, beside those of its class before. */
  private static final double SHARE = 0.2;

  private static final int CLASSES = Long.SIZE;

  private final double[] bytes = new double[CLASSES];
  private final double[] nanos = new double[CLASSES];
  private final long[] at = new long[CLASSES];

  /** Learns how long a batch took, at a time. */
  void learn(long newBytes, long newNanos, long now) {
    int of = Long.SIZE - Long.numberOfLeadingZeros(newBytes);
    double share = fresh(of, now) ? SHARE : 1;
    bytes[of] += share * (newBytes - bytes[of]);
    nanos[of] += share * (newNanos - nanos[of]);
    at[of] = now;
  }

  private boolean fresh(int of, long now) {
    return bytes[of] > 0 && now - at[of] < STALE_NANOS;
  }

  /** {@return how many nanoseconds that many bytes will take; 0 if nothing was learned lately} */
  long nanos(long some, long now) {
    double fromBytes = 0;
    double fromNanos = 0;
    double smallestBytes = 0;
    double smallestNanos = 0;
    for (int of = 0; of < CLASSES; of++) {
      if (!fresh(of, now)) {
        continue;
      }
      double toNanos = Math.max(fromNanos, nanos[of]);
      if (some <= bytes[of]) {
        return (long) between((double) some, fromBytes, fromNanos, bytes[of], toNanos);
      }
      if (smallestBytes == 0) {
        smallestBytes = bytes[of];
        smallestNanos = toNanos;
      }
      fromBytes = bytes[of];
      fromNanos = toNanos;
    }
    return fromBytes == smallestBytes
        ? (long) fromNanos
        : (long) between((double) some, smallestBytes, smallestNanos, fromBytes, fromNanos);
  }

  private static double between(
      double some, double fromBytes, double fromNanos, double toBytes, double toNanos) {
    return fromNanos + (toNanos - fromNanos) * (some - fromBytes) / (toBytes - fromBytes);
  }
}
