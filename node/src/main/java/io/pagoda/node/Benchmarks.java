package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.core.StageTimes;
import io.pagoda.core.bench.IndexBench;
import io.pagoda.core.bench.Measurement;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.bench.BenchResult;
import io.pagoda.node.bench.CopyBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** The benchmarks that there are. */
final class Benchmarks {
  /** The words that ask for them. */
  static final List<String> WORDS = List.of("index", "copy", "fetch", "layers", "local");

  private static final int INDEX_SAMPLES = 3_000;

  private Benchmarks() {}

  /**
   * Returns how to run each, with nothing but defaults, by the word that asks for it.
   *
   * @param stores opens what is measured as a whole
   */
  static Map<String, Supplier<List<BenchResult>>> all(Terminal terminal, StoreOpener stores) {
    Map<String, Supplier<List<BenchResult>>> all = new LinkedHashMap<>();
    all.put("index", Benchmarks::index);
    all.put("copy", Benchmarks::copy);
    all.put("fetch", () -> new FetchBenchCommand(terminal, stores).results());
    all.put("layers", () -> layers(terminal, stores));
    all.put("local", () -> local(terminal));
    return all;
  }

  private static List<BenchResult> layers(Terminal terminal, StoreOpener stores) {
    try {
      return new LayersBenchCommand(terminal, stores).results();
    } catch (IOException e) {
      throw new UncheckedIOException("bench layers: " + e.getMessage(), e);
    }
  }

  private static List<BenchResult> local(Terminal terminal) {
    try {
      return new LocalBenchCommand(terminal).results(_ -> {});
    } catch (IOException e) {
      throw new UncheckedIOException("bench local: " + e.getMessage(), e);
    }
  }

  private static List<BenchResult> index() {
    return new IndexBench(INDEX_SAMPLES).run().stream().map(Benchmarks::result).toList();
  }

  /** Measures copies of the hub that this process would have, with blocks of several sizes. */
  static List<BenchResult> copy() {
    CopyBench bench = CopyBench.ofThisMachine();
    return CopyBench.SIZES.stream().flatMap(size -> copy(bench, size).stream()).toList();
  }

  /** Runs on the hub that this process would have, with blocks of one size. */
  private static List<BenchResult> copy(CopyBench bench, ByteSize block) {
    Overrides overrides =
        Overrides.NONE.tier("cpu=" + bench.slots(block)).blockBytes(block.bytes() + "B");
    PagodaConfig config = PagodaConfig.load(Optional.empty(), overrides);
    try (Plugins plugins = Plugins.in(config.plugins());
        Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE)) {
      return bench.run(deployment.graph().hub().tier());
    }
  }

  /** {@return a measurement of the core as a figure} */
  static BenchResult result(Measurement measured) {
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
