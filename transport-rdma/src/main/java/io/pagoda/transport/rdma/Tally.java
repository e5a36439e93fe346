package io.pagoda.transport.rdma;

/**
 * How often a grant may be used, and was: one for all devices that it is good on. Safe for use by
 * many threads.
 */
final class Tally {
  private final int most;
  private int used;

  /**
   * Counts from 0.
   *
   * @param most how often, or 0 for as often as anybody likes
   */
  Tally(int most) {
    this.most = most;
  }

  /** {@return whether it may be used once more, which is counted} */
  synchronized boolean take() {
    if (over()) {
      return false;
    }
    used++;
    return true;
  }

  /** {@return whether it may not be used any more} */
  synchronized boolean over() {
    return most > 0 && used == most;
  }
}
