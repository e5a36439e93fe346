package io.pagoda.tier.ssd;

import java.util.concurrent.TimeUnit;

/**
 * A token bucket of bytes. It may be overdrawn by one write, which the next ones wait for, so that
 * a write may be longer than the bucket is deep.
 *
 * <p><b>Threads.</b> Confined to the port's thread.
 */
final class WriteBudget {
  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  /** How much may be written at once after a pause: what a tenth of a second brings. */
  private static final double BURST_SECONDS = 0.1;

  private final double bytesPerNano;
  private final double deepest;
  private double bytes;
  private long filledAt;

  /** Creates a full bucket. */
  WriteBudget(long bytesPerSecond, long now) {
    this.bytesPerNano = bytesPerSecond / SECOND;
    this.deepest = bytesPerSecond * BURST_SECONDS;
    this.bytes = deepest;
    this.filledAt = now;
  }

  /** {@return how long the next write has to wait in nanoseconds, 0 if not at all} */
  long delay(long now) {
    bytes = Math.min(deepest, bytes + (now - filledAt) * bytesPerNano);
    filledAt = now;
    return bytes > 0 ? 0 : (long) Math.ceil((1 - bytes) / bytesPerNano);
  }

  /** Takes what is written out of the bucket. */
  void spend(long written) {
    bytes -= written;
  }
}
