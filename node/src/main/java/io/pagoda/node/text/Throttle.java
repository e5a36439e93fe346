package io.pagoda.node.text;

import java.util.function.LongSupplier;

/** Says when something is due again, and how long a job may still take. */
final class Throttle {
  private final LongSupplier nanoClock;
  private final long intervalNanos;
  private final long startNanos;
  private long dueNanos;

  Throttle(LongSupplier nanoClock, long intervalNanos) {
    this.nanoClock = nanoClock;
    this.intervalNanos = intervalNanos;
    this.startNanos = nanoClock.getAsLong();
    this.dueNanos = startNanos + intervalNanos;
  }

  /** {@return whether the interval has passed since this last said so} */
  boolean due() {
    long now = nanoClock.getAsLong();
    if (now - dueNanos < 0) {
      return false;
    }
    dueNanos = now + intervalNanos;
    return true;
  }

  /** {@return such as ", 12.0 s left"; nothing while that is a guess} */
  String remaining(double share) {
    double seconds = (nanoClock.getAsLong() - startNanos) / 1e9;
    return share < 0.02 ? "" : ", " + Numbers.seconds(seconds * (1 - share) / share) + " left";
  }
}
