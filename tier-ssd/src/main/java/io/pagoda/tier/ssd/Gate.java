package io.pagoda.tier.ssd;

/**
 * Counts transfers in flight, and once shut lets none in.
 *
 * <p><b>Threads.</b> Any.
 */
final class Gate {
  private int inside;
  private boolean shut;

  /**
   * Lets the transfers of a batch in.
   *
   * @throws IllegalStateException if the gate is shut
   */
  synchronized void enter(int transfers) {
    if (shut) {
      throw new IllegalStateException("The tier is closed");
    }
    inside += transfers;
  }

  /** Lets a transfer out. */
  synchronized void leave() {
    inside--;
    notifyAll();
  }

  /** Shuts the gate and waits until every one is out; an interrupt is kept for later. */
  synchronized void shut() {
    shut = true;
    boolean interrupted = false;
    while (inside > 0) {
      try {
        wait();
      } catch (InterruptedException _) {
        // The kernel still writes to the caller's memory: leaving now would be worse than waiting.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
