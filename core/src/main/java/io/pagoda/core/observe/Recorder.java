package io.pagoda.core.observe;

import io.pagoda.StoreStatistics.Latency;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Takes times, in nanoseconds, up to an hour; a longer one counts as an hour. It allocates nothing
 * after its first time, which costs it 30 KiB.
 *
 * <p><b>Threads.</b> Confined.
 */
public final class Recorder {
  /** Two digits: right to 1 %. */
  private static final int DIGITS = 2;

  /** About as long as it takes to read the clock. */
  private static final long SHORTEST = 32;

  private static final long LONGEST = 3_600_000_000_000L;

  private @Nullable Histogram times;

  /** Creates a recorder that has taken no time. */
  public Recorder() {}

  /** Takes a time. */
  public void took(long nanos) {
    Histogram known = times;
    if (known == null) {
      known = new Histogram(SHORTEST, LONGEST, DIGITS);
      times = known;
    }
    known.recordValue(Math.clamp(nanos, 0, LONGEST));
  }

  /** {@return what the times were} */
  public Latency latency() {
    Histogram known = times;
    return known == null
        ? Latency.NONE
        : new Latency(
            known.getTotalCount(), known.getValueAtPercentile(50), known.getValueAtPercentile(90),
            known.getValueAtPercentile(99), known.getMaxValue());
  }
}
