package io.pagoda.core.run;

/** The time, and somebody to call when it has come. */
public interface TimeSource {
  /** {@return the time in nanoseconds, from an arbitrary origin, never going back} */
  long nanoTime();

  /**
   * Runs a task soon after a time.
   *
   * @param nanoTime when
   * @param task what; short, and never throws
   */
  void wakeAt(long nanoTime, Runnable task);
}
