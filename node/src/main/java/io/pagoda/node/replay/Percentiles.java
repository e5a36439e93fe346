package io.pagoda.node.replay;

import org.HdrHistogram.AbstractHistogram;

/**
 * How long a stage took, in microseconds.
 *
 * @param count how often it was measured
 * @param p50 half of the times are no longer
 * @param p99 99 % are no longer
 * @param p999 99.9 % are no longer
 * @param max none is longer
 */
public record Percentiles(long count, double p50, double p99, double p999, double max) {
  /** {@return the percentiles of a histogram of nanoseconds} */
  static Percentiles of(AbstractHistogram nanos) {
    return new Percentiles(
        nanos.getTotalCount(), nanos.getValueAtPercentile(50) / 1e3,
        nanos.getValueAtPercentile(99) / 1e3, nanos.getValueAtPercentile(99.9) / 1e3,
        nanos.getMaxValue() / 1e3);
  }
}
