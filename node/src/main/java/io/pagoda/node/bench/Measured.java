package io.pagoda.node.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.LongStream;

/** What batches took, turn by turn. */
final class Measured {
  private final long[][] turns;
  private int count;

  Measured(int turns) {
    this.turns = new long[turns][];
  }

  /** One turn's batches, in nanoseconds; they are sorted. */
  void add(long[] nanos) {
    Arrays.sort(nanos);
    turns[count++] = nanos;
  }

  /** {@return what that part of all batches took at most, in nanoseconds} */
  double at(double quantile) {
    long[] all = Arrays.stream(turns, 0, count).flatMapToLong(LongStream::of).sorted().toArray();
    return all[(int) (all.length * quantile)];
  }

  /** {@return the median, over the turns, of how many times as long this took as another did} */
  OptionalDouble timesAsSlowAs(Measured other) {
    if (count == 0) {
      return OptionalDouble.empty();
    }
    double[] ratios = new double[count];
    Arrays.setAll(ratios, turn -> middle(turns[turn]) / middle(other.turns[turn]));
    Arrays.sort(ratios);
    return OptionalDouble.of(ratios[count / 2]);
  }

  private static double middle(long[] sorted) {
    return sorted[sorted.length / 2];
  }

  /** Tells of a yardstick, if it was measured: its rate, and how many times as slow it is. */
  void add(Map<String, Double> figures, String name, Measured own, long bytes) {
    timesAsSlowAs(own).ifPresent(times -> {
      figures.put(name + "_gb_per_s", bytes / at(0.5));
      figures.put("over_" + name + "_times", times);
    });
  }
}
