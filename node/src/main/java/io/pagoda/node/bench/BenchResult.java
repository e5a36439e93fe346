package io.pagoda.node.bench;

import io.pagoda.ByteSize;
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
  /** What is called how many bytes were wrong, among what else was measured. */
  public static final String WRONG_BYTES = "wrong_bytes";

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

  /** {@return a size as a parameter, such as {@code 64KiB}} */
  static String size(long bytes) {
    return new ByteSize(bytes).toString().replace(" ", "");
  }

  /** {@return whether all bytes that were moved are right, as far as they were looked at} */
  public boolean passed() {
    return further.getOrDefault(WRONG_BYTES, 0.0) == 0;
  }
}
