package io.pagoda.node.bench;

import io.pagoda.node.bench.GpuBench.Way;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Compares what was measured of one device's paths: with its ceiling, and with each other. */
final class GpuRatios {
  /** What is called how the planner's choice compares with the best of the other paths. */
  static final String OF_BEST = "of_best";

  private static final String AUTO = "auto";

  private GpuRatios() {}

  /** {@return the same figures, with what they are of the ceiling; and of the best path} */
  static List<BenchResult> of(List<BenchResult> results) {
    return results.stream().map(result -> compared(result, results)).toList();
  }

  private static BenchResult compared(BenchResult one, List<BenchResult> all) {
    if (!one.name().equals("gpu.chunks")) {
      return one;
    }
    Map<String, Double> further = new LinkedHashMap<>(one.further());
    if (is(one, "path", AUTO)) {
      double best = all.stream()
          .filter(other -> other.name().equals("gpu.chunks") && !is(other, "path", AUTO))
          .filter(other -> same(one, other, "way") && same(one, other, "chunk"))
          .filter(other -> same(one, other, "ctas") || is(other, "path", "copy-engine"))
          .mapToDouble(GpuRatios::rate)
          .max()
          .orElse(rate(one));
      further.put(OF_BEST, rate(one) / best);
    }
    return new BenchResult(
        one.name(), one.params(), one.p50Nanos(), one.gigabytesPerSecond(),
        OptionalDouble.of(rate(one) / ceiling(all, one)), further);
  }

  private static double ceiling(List<BenchResult> all, BenchResult one) {
    return all.stream()
        .filter(result -> result.name().equals("gpu.ceiling") && same(one, result, "way"))
        .mapToDouble(GpuRatios::rate)
        .findFirst()
        .orElseThrow();
  }

  /** {@return the best of any path at a chunk size and one way; 0 if it was not measured} */
  static double best(List<BenchResult> all, long chunk, Way way) {
    return all.stream()
        .filter(result -> result.name().equals("gpu.chunks"))
        .filter(result -> is(result, "chunk", BenchResult.size(chunk)))
        .filter(result -> is(result, "way", way.word()))
        .mapToDouble(GpuRatios::rate)
        .max()
        .orElse(0);
  }

  static double rate(BenchResult result) {
    return result.gigabytesPerSecond().orElse(0);
  }

  static boolean is(BenchResult result, String param, Object value) {
    return value.equals(result.params().get(param));
  }

  private static boolean same(BenchResult one, BenchResult other, String param) {
    return one.params().getOrDefault(param, "").equals(other.params().get(param));
  }
}
