package io.pagoda.core.bench;

import com.sun.management.ThreadMXBean;
import io.pagoda.core.bench.Measurement.Unit;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;

/** Times one operation many times over, on the calling thread, after a warm-up. */
final class Stopwatch {
  /** Long enough for what runs a few microseconds to be compiled, even on a busy machine. */
  private static final long WARM_UP_NANOS = 1_000_000_000;

  private final int warmUps;
  private final int samples;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  Stopwatch(int warmUps, int samples) {
    this.warmUps = warmUps;
    this.samples = samples;
  }

  /** An operation, with what has to happen before and after it off the clock. */
  interface Operation {
    /** Prepares the next run. */
    default void prepare() {}

    /** What is timed; returns something of its result, so that it cannot be left out. */
    long run();

    /** Clears up after a run. */
    default void restore() {}
  }

  Measurement time(String name, Map<String, Object> params, Operation operation) {
    long sink = 0;
    long warm = System.nanoTime() + WARM_UP_NANOS;
    for (int i = 0; i < warmUps || System.nanoTime() < warm; i++) {
      operation.prepare();
      sink += operation.run();
      operation.restore();
    }
    long[] nanos = new long[samples];
    long allocated = 0;
    for (int i = 0; i < samples; i++) {
      operation.prepare();
      long before = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      sink += operation.run();
      nanos[i] = System.nanoTime() - start;
      allocated += threads.getCurrentThreadAllocatedBytes() - before;
      operation.restore();
    }
    Arrays.sort(nanos);
    if (sink == Long.MIN_VALUE) {
      throw new IllegalStateException("An operation gave the one result it cannot give");
    }
    return new Measurement(
        name, params, nanos[samples / 2], nanos[samples - 1 - samples / 100], Unit.NANOSECONDS,
        (double) allocated / samples);
  }
}
