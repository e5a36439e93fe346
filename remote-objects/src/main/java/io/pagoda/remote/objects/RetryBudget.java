package io.pagoda.remote.objects;

/**
 * How many retries there may be: a few, and a share of what succeeds, so that a server in trouble
 * does not get more requests than usual.
 *
 * <p><b>Threads.</b> Any.
 */
final class RetryBudget {
  private final int burst;
  private final double share;
  private double left;

  /**
   * Begins full.
   *
   * @param burst how many retries there may be at once
   * @param share how many more for each request that succeeds
   */
  RetryBudget(int burst, double share) {
    this.burst = burst;
    this.share = share;
    this.left = burst;
  }

  /** Takes one retry; false if there is none left. */
  synchronized boolean take() {
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }

  /** Notes a success. */
  synchronized void earn() {
    left = Math.min(burst, left + share);
  }
}
