package io.pagoda.core.run;

/**
 * Foretells how long a tier takes for a number of bytes, from how long it took: the straight line
 * that fits best, by least squares, with older measurements counting less and less.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Forecast {
  /** What a measurement still counts when another has come. */
  private static final double DECAY = 0.95;

  private double weight;
  private double bytes;
  private double nanos;
  private double squares;
  private double products;

  void learn(long newBytes, long newNanos) {
    weight = DECAY * weight + 1;
    bytes = DECAY * bytes + newBytes;
    nanos = DECAY * nanos + newNanos;
    squares = DECAY * squares + (double) newBytes * newBytes;
    products = DECAY * products + (double) newBytes * newNanos;
  }

  /** {@return how many nanoseconds that many bytes are going to take; 0 if nothing was learned} */
  long nanos(long some) {
    if (weight == 0) {
      return 0;
    }
    double mean = nanos / weight;
    double spread = squares / weight - (bytes / weight) * (bytes / weight);
    if (spread <= 1e-3 * squares / weight) {
      return (long) (mean * some / (bytes / weight)); // all were alike: in proportion
    }
    double slope = (products / weight - mean * bytes / weight) / spread;
    double perByte = Math.clamp(slope, 0, mean / (bytes / weight));
    return (long) (mean + perByte * (some - bytes / weight));
  }
}
