package io.pagoda.node;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One figure of a benchmark.
 *
 * @param name what was measured, such as {@code "copy.store"}
 * @param params what it was measured with, in the order in which people read it
 * @param p50Nanos the median time of one operation in nanoseconds, where time is the figure
 * @param gigabytesPerSecond 10<sup>9</sup> bytes per second, where bandwidth is the figure
 * @param ratio the figure over the limit that was measured beside it, where there is one
 * @param further what else was measured, by names that end in a unit, such as {@code p99_ns}
 */
public record BenchResult(
    String name, Map<String, Object> params, OptionalDouble p50Nanos,
    OptionalDouble gigabytesPerSecond, OptionalDouble ratio, Map<String, Double> further) {
  /** Copies the maps; their order stays. */
  public BenchResult {
    params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
    further = Collections.unmodifiableMap(new LinkedHashMap<>(further));
  }

  /** Creates a figure with nothing further. */
  public BenchResult(
      String name, Map<String, Object> params, OptionalDouble p50Nanos,
      OptionalDouble gigabytesPerSecond, OptionalDouble ratio) {
    this(name, params, p50Nanos, gigabytesPerSecond, ratio, Map.of());
  }
}
