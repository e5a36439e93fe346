package io.pagoda.remote.objects;

/**
 * Counts what is in flight, and once shut lets none in.
 *
 * <p><b>Threads.</b> Any.
 */
final class Gate {
  private int inside;
  private boolean shut;

  /**
   * Lets something in.
   *
   * @throws IllegalStateException if the gate is shut
   */
  synchronized void enter() {
    if (shut) {
      throw new IllegalStateException("The tier is closed");
    }
    inside++;
  }

  /** Lets something in, unless the gate is shut. */
  synchronized boolean tryEnter() {
    if (!shut) {
      inside++;
    }
    return !shut;
  }

  /** Lets it out. */
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
        // Bytes still come to the caller's memory: leaving now would be worse than waiting.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
