package io.pagoda.node.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/* Every copy goes on where the one before it stopped, over memory larger than the caches: bytes are
 * always cold. The two ways have turns of two milliseconds or so whose order alternates, so that
 * neighbours disturb both alike. The ratio is the median of the turns' ratios. */

/** Lets a way of copying and its yardstick copy in turns, on the calling thread. */
final class Turns {
  private static final long TURN_BYTES = 16 << 20;
  private static final int WARM_UP_TURNS = 16;

  private final int batches;
  private final long batchBytes;
  private final int turns;
  private int next;

  /**
   * Creates turns.
   *
   * @param batches how many batches there are to copy
   * @param batchBytes bytes of each
   * @param turns how often each way has its turn, at least 1
   */
  Turns(int batches, long batchBytes, int turns) {
    this.batches = batches;
    this.batchBytes = batchBytes;
    this.turns = turns;
  }

  /**
   * Measures a way of copying beside C.
   *
   * @param name what is measured
   * @param params with what
   * @param way copies the batch of a number
   * @param byC copies as many bytes between the same memories
   */
  BenchResult measure(String name, Map<String, Object> params, IntConsumer way, IntConsumer byC) {
    List<Double> rates = new ArrayList<>();
    List<Double> limits = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
      boolean wayFirst = turn % 2 == 0;
      double first = rate(wayFirst ? way : byC);
      double second = rate(wayFirst ? byC : way);
      if (turn >= 0) {
        rates.add(wayFirst ? first : second);
        limits.add(wayFirst ? second : first);
        ratios.add(wayFirst ? first / second : second / first);
      }
    }
    return new BenchResult(
        name, params, OptionalDouble.empty(), OptionalDouble.of(median(rates)),
        OptionalDouble.of(median(ratios)), Map.of("memcpy_gb_per_s", median(limits)));
  }

  /** Lets one way have its turn, and returns its bytes per nanosecond. */
  private double rate(IntConsumer copy) {
    long count = Math.clamp(TURN_BYTES / batchBytes, 1, batches);
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      copy.accept(next);
      next = (next + 1) % batches;
    }
    return (double) count * batchBytes / (System.nanoTime() - start);
  }

  static double median(List<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(figure -> figure).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
