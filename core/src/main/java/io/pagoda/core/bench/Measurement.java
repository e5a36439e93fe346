package io.pagoda.core.bench;

import java.util.Map;

/**
 * What one benchmark found.
 *
 * @param name what was measured
 * @param params with which sizes
 * @param p50 the median, in the unit
 * @param p99 the 99th percentile, in the unit
 * @param unit what the numbers count
 * @param allocatedBytes heap bytes allocated by one operation, on average
 */
public record Measurement(
    String name, Map<String, Object> params, double p50, double p99, Unit unit,
    double allocatedBytes) {
  /** What a measurement counts. */
  public enum Unit {
    /** Nanoseconds of one operation. */
    NANOSECONDS,
    /** Bytes of memory. */
    BYTES
  }
}
