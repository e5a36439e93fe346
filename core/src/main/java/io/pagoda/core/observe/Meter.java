package io.pagoda.core.observe;

import io.pagoda.Outcome.End;
import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.StoreStatistics.Jobs;
import io.pagoda.StoreStatistics.Latency;
import io.pagoda.StoreStatistics.Operation;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Counts what callers ask for and get, and takes the times of it.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
public final class Meter {
  private final Map<Operation, Recorder> times = new EnumMap<>(Operation.class);
  private final Map<JobCount, Sum> counts = new EnumMap<>(JobCount.class);

  private static final class Sum {
    private long value;
  }

  /** Creates a meter that has counted nothing. */
  public Meter() {
    for (Operation operation : Operation.values()) {
      times.put(operation, new Recorder());
    }
    for (JobCount count : JobCount.values()) {
      counts.put(count, new Sum());
    }
  }

  /** Takes the time of an operation, in nanoseconds. */
  public void took(Operation operation, long nanos) {
    Objects.requireNonNull(times.get(operation)).took(nanos);
  }

  /** Adds to a figure. */
  public void add(JobCount count, long more) {
    Objects.requireNonNull(counts.get(count)).value += more;
  }

  /** Counts a job that ended. */
  public void ended(End end) {
    add(switch (end) {
      case COMPLETED -> JobCount.COMPLETED;
      case PARTIAL -> JobCount.PARTIAL;
      case FAILED -> JobCount.FAILED;
      case CANCELLED -> JobCount.CANCELLED;
      case EXPIRED -> JobCount.EXPIRED;
    }, 1);
  }

  /** {@return the figures, with how many jobs are running} */
  public Jobs jobs(long running) {
    Map<JobCount, Long> figures = new EnumMap<>(JobCount.class);
    counts.forEach((count, sum) -> figures.put(count, sum.value));
    figures.put(JobCount.RUNNING, running);
    return new Jobs(figures);
  }

  /** {@return how long each operation took} */
  public Map<Operation, Latency> latencies() {
    Map<Operation, Latency> latencies = new EnumMap<>(Operation.class);
    times.forEach((operation, recorder) -> latencies.put(operation, recorder.latency()));
    return latencies;
  }
}
