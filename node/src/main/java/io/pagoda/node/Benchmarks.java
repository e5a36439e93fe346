package io.pagoda.node;

import io.pagoda.core.bench.IndexBench;
import io.pagoda.core.bench.Measurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** The benchmarks that there are. */
final class Benchmarks {
  private static final int INDEX_SAMPLES = 3_000;

  private Benchmarks() {}

  /** {@return how to run each, by the word that asks for it} */
  static Map<String, Supplier<List<BenchResult>>> all() {
    Map<String, Supplier<List<BenchResult>>> all = new LinkedHashMap<>();
    all.put("index", Benchmarks::index);
    return all;
  }

  private static List<BenchResult> index() {
    return new IndexBench(INDEX_SAMPLES).run().stream().map(Benchmarks::result).toList();
  }

  private static BenchResult result(Measurement measured) {
    return switch (measured.unit()) {
      case NANOSECONDS -> result(
          measured, OptionalDouble.of(measured.p50()),
          ordered("p99_ns", measured.p99(), "allocated_bytes", measured.allocatedBytes()));
      case BYTES -> result(measured, OptionalDouble.empty(), Map.of("bytes", measured.p50()));
    };
  }

  private static Map<String, Double> ordered(
      String name, double value, String nextName, double nextValue) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put(name, value);
    figures.put(nextName, nextValue);
    return figures;
  }

  private static BenchResult result(
      Measurement measured, OptionalDouble p50Nanos, Map<String, Double> further) {
    var none = OptionalDouble.empty();
    return new BenchResult(measured.name(), measured.params(), p50Nanos, none, none, further);
  }
}
