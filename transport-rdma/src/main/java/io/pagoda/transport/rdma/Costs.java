package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.CostEstimate;
import java.time.Duration;

/** What batches have taken lately, small ones and large ones apart. */
final class Costs {
  private static final long SMALL = 64 << 10;
  private static final double NEW = 0.125;
  /** Guesses until something was measured: 100 µs, and 1 GB/s. */
  private static final double GUESSED_NANOS = 100_000;

  private static final double NANOS_PER_RANGE = 50;

  private double latencyNanos = GUESSED_NANOS;
  private double nanosPerByte = 1;
  private boolean measured;

  synchronized void took(long bytes, long nanos) {
    if (bytes <= SMALL) {
      latencyNanos += NEW * (nanos - latencyNanos);
    } else {
      double rest = Math.max(nanos / 10.0, nanos - latencyNanos);
      nanosPerByte += NEW * (rest / bytes - nanosPerByte);
    }
    measured = true;
  }

  synchronized CostEstimate estimate(long bytes, int ranges) {
    double nanos = latencyNanos + bytes * nanosPerByte + ranges * NANOS_PER_RANGE;
    return new CostEstimate(Duration.ofNanos((long) nanos), measured);
  }
}
