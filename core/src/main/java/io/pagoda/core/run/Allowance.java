package io.pagoda.core.run;

/**
 * When the next batch may start, so that no more bytes than allowed move in a second on the
 * average. A batch starts whole, and what it takes is waited for afterwards; what was not used is
 * not saved.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Allowance {
  private double nanosPerByte;
  private long nextAt = Long.MIN_VALUE;

  /** Allows so many bytes per second; any number, if it is 0. */
  Allowance(long bytesPerSecond) {
    nanosPerByte = bytesPerSecond == 0 ? 0 : 1e9 / bytesPerSecond;
  }

  /** {@return whether a batch may start} */
  boolean allows(long now) {
    return nanosPerByte == 0 || nextAt == Long.MIN_VALUE || now - nextAt >= 0;
  }

  /** {@return when one may; if it may not now} */
  long nextAt() {
    return nextAt;
  }

  /** Records that a batch starts. */
  void use(long bytes, long now) {
    if (nanosPerByte > 0) {
      nextAt = (long) (now + Math.min(1e18, bytes * nanosPerByte));
    }
  }

  /** Allows any number from now on. */
  void lift() {
    nanosPerByte = 0;
  }
}
