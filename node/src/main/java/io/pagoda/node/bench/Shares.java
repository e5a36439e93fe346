package io.pagoda.node.bench;

/** Percentiles of numbers that are all at hand. */
final class Shares {
  private Shares() {}

  /** {@return the number that a share of the sorted numbers does not exceed} */
  static double at(long[] sorted, double share) {
    return sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}
