package io.pagoda.node.bench;

import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.tier.BatchResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Measures how blocks go between the hub and a GPU whose memory is layer first, beside plain copies
 * of as many bytes in one piece; then the whole way of fetches and puts.
 *
 * @param config the configuration whose settings of tiers and devices hold, if any
 * @param chunks bytes of chunks, of which a block has 160; none for fetches and puts alone
 * @param ctas how many thread blocks the kernel has
 * @param rounds how often each case is timed
 */
public record GpuBench(Optional<Path> config, List<Long> chunks, List<Integer> ctas, int rounds) {
  /** Sizes of chunks that are measured if nothing else is asked for. */
  public static final List<Long> CHUNKS =
      List.of(4L << 10, 16L << 10, 32L << 10, 64L << 10, 256L << 10, 1L << 20);

  /** Numbers of thread blocks. */
  public static final List<Integer> CTAS = List.of(4, 2, 1);

  /** What is copied at a time: as many blocks of the largest chunks as of any. */
  private static final long BYTES = 1_280L << 20;

  private static final String MODEL = "block-bytes = 1MiB";
  private static final String COPY_ENGINE = "copy-engine";
  private static final double GIGA = 1e9;

  /** What one case may take; what is slower has fewer rounds. */
  private static final long ENOUGH_NANOS = 3_000_000_000L;

  private static final int WARM_UPS = 5;

  /** Copies the lists. */
  public GpuBench {
    chunks = List.copyOf(chunks);
    ctas = List.copyOf(ctas);
  }

  /** Which way blocks go. */
  enum Way {
    IN, OUT, BOTH;

    boolean in() {
      return this != OUT;
    }

    boolean out() {
      return this != IN;
    }

    int times() {
      return this == BOTH ? 2 : 1;
    }

    String word() {
      return switch (this) {
        case IN -> "in";
        case OUT -> "out";
        case BOTH -> "both";
      };
    }
  }

  /**
   * Measures everything.
   *
   * @param scratch an empty directory
   * @param progress told of each step
   * @throws io.pagoda.PagodaException if this machine has no such device
   */
  public List<BenchResult> run(Path scratch, Consumer<String> progress) {
    try (Plugins plugins = GpuStore.plugins()) {
      return run(plugins, scratch, progress);
    }
  }

  private List<BenchResult> run(Plugins plugins, Path scratch, Consumer<String> progress) {
    List<BenchResult> results = new ArrayList<>();
    for (GpuStore.Setting setting : chunks.isEmpty() ? List.<GpuStore.Setting>of() : settings()) {
      progress.accept("chunks by " + setting);
      try (GpuStore store = GpuStore.open(plugins, config, setting, 2 * BYTES, MODEL, scratch)) {
        measure(store, setting, results, progress);
      }
    }
    List<BenchResult> compared = new ArrayList<>(GpuRatios.of(results));
    progress.accept("fetches and puts");
    double in = GpuRatios.best(compared, GpuCache.CHUNK, Way.IN);
    double out = GpuRatios.best(compared, GpuCache.CHUNK, Way.OUT);
    compared.addAll(new GpuCache(config, in, out).run(plugins, scratch));
    return compared;
  }

  private List<GpuStore.Setting> settings() {
    List<GpuStore.Setting> settings = new ArrayList<>();
    for (String path : List.of("kernel", "staged", "auto")) {
      ctas.forEach(count -> settings.add(new GpuStore.Setting(path, count)));
    }
    settings.add(new GpuStore.Setting(COPY_ENGINE, ctas.getFirst()));
    return settings;
  }

  private void measure(
      GpuStore store, GpuStore.Setting setting, List<BenchResult> results,
      Consumer<String> progress) {
    DeviceMemory[] pools = {store.device().allocate(BYTES), store.device().allocate(BYTES)};
    try {
      for (long chunk : chunks) {
        try (var set = new GpuSet(store, pools, BYTES, chunk)) {
          set.fill();
          if (results.isEmpty()) {
            results.addAll(ceilings(set));
          }
          for (Way way : Way.values()) {
            results.add(measured(set, setting, chunk, way));
            progress.accept(told(results.getLast()));
          }
        }
      }
    } finally {
      pools[0].close();
      pools[1].close();
    }
  }

  private static String told(BenchResult result) {
    return "%s: %.1f GB/s".formatted(result.params(), GpuRatios.rate(result));
  }

  private List<BenchResult> ceilings(GpuSet set) {
    List<BenchResult> results = new ArrayList<>();
    for (Way way : Way.values()) {
      double rate = rate(way, BYTES, rounds, set::startPlain);
      results.add(
          new BenchResult(
              "gpu.ceiling", Map.of("way", way.word()), OptionalDouble.empty(),
              OptionalDouble.of(rate), OptionalDouble.empty()));
    }
    set.fill(); // plain copies have put other bytes there
    return results;
  }

  private BenchResult measured(GpuSet set, GpuStore.Setting setting, long chunk, Way way) {
    set.forget();
    double rate = rate(way, BYTES, rounds, set::start);
    long wrong = (way.out() ? set.wrongOut() : 0) + (way.in() ? set.wrongIn() : 0);
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("way", way.word());
    params.put("chunk", BenchResult.size(chunk));
    params.put("path", setting.path());
    params.put("ctas", setting.ctas());
    return new BenchResult(
        "gpu.chunks", params, OptionalDouble.empty(), OptionalDouble.of(rate),
        OptionalDouble.empty(), Map.of(BenchResult.WRONG_BYTES, (double) wrong));
  }

  /** Starts copies of all blocks. */
  interface Copy {
    CompletableFuture<BatchResult> start(boolean in);
  }

  /** {@return the median, in 10<sup>9</sup> bytes per second of both ways together} */
  static double rate(Way way, long bytes, int rounds, Copy copy) {
    List<Double> rates = new ArrayList<>();
    long end = System.nanoTime() + ENOUGH_NANOS;
    for (int round = -WARM_UPS; round < rounds; round++) {
      long start = System.nanoTime();
      List<CompletableFuture<BatchResult>> running = new ArrayList<>();
      if (way.in()) {
        running.add(copy.start(true));
      }
      if (way.out()) {
        running.add(copy.start(false));
      }
      running.forEach(GpuSet::check);
      long now = System.nanoTime();
      if (round >= 0) {
        rates.add(way.times() * bytes / GIGA / ((now - start) / GIGA));
      }
      if (now > end && !rates.isEmpty()) {
        break;
      }
    }
    return Turns.median(rates);
  }
}
