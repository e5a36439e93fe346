package io.pagoda.node.bench;

import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.Flow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Measures how blocks go between the hub and a GPU whose memory is layer first, by every path in
 * turns with plain copies of as many bytes in one piece; then the whole way of fetches and puts.
 *
 * @param config the configuration whose settings of tiers and devices hold, if any
 * @param chunks bytes of chunks, of which a block has 160; none for fetches and puts alone
 * @param ctas how many thread blocks the kernel has
 * @param rounds how many turns each path has in each case
 */
public record GpuBench(Optional<Path> config, List<Long> chunks, List<Integer> ctas, int rounds) {
  /** Sizes of chunks that are measured if nothing else is asked for. */
  public static final List<Long> CHUNKS =
      List.of(4L << 10, 16L << 10, 32L << 10, 64L << 10, 256L << 10, 1L << 20);

  /** How many turns there are if nothing else is asked for. */
  public static final int ROUNDS = 15;

  /** Numbers of thread blocks. */
  public static final List<Integer> CTAS = List.of(4, 2, 1);

  /** What is copied at a time: as many blocks of the largest chunks as of any. */
  private static final long BYTES = 1_280L << 20;

  private static final String MODEL = "block-bytes = 1MiB";

  /** What has turns, beside one large copy. */
  private static final List<String> PATHS =
      List.of("kernel", "staged", "copy-engine", "grid", GpuCase.AUTO);

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
    Ceilings ceilings = new Ceilings();
    for (int count : chunks.isEmpty() ? List.<Integer>of() : ctas) {
      List<GpuStore.Setting> settings =
          PATHS.stream().map(path -> new GpuStore.Setting(path, count)).toList();
      progress.accept("chunks, " + count + (count == 1 ? " CTA" : " CTAs"));
      try (GpuStore store = GpuStore.open(plugins, config, settings, 2 * BYTES, MODEL, scratch)) {
        measure(store, count, ceilings, results, progress);
      }
    }
    results.addAll(0, ceilings.results());
    progress.accept("fetches and puts");
    results.addAll(new GpuCache(config).run(plugins, scratch));
    return results;
  }

  private void measure(
      GpuStore store, int count, Ceilings ceilings, List<BenchResult> results,
      Consumer<String> progress) {
    DeviceMemory[] pools = {store.device().allocate(BYTES), store.device().allocate(BYTES)};
    try {
      for (long chunk : chunks) {
        try (var set = new GpuSet(store, pools, BYTES, chunk)) {
          set.fill();
          for (Way way : Way.values()) {
            for (BenchResult result : measured(set, store, chunk, way, count, ceilings)) {
              results.add(result);
              progress.accept(told(result));
            }
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

  private List<BenchResult> measured(
      GpuSet set, GpuStore store, long chunk, Way way, int count, Ceilings ceilings) {
    Map<String, Long> wrong = new LinkedHashMap<>();
    for (int i = 0; i < PATHS.size(); i++) {
      wrong.put(PATHS.get(i), set.wrong(i, way));
    }
    List<GpuRounds.Copy> copies = new ArrayList<>();
    for (int i = 0; i < PATHS.size(); i++) {
      int device = i;
      copies.add(in -> set.start(device, in));
    }
    copies.add(set::startPlain);
    Device auto = store.devices().get(PATHS.indexOf(GpuCase.AUTO));
    List<Flow> before = auto.flows();
    List<List<Double>> rates = new GpuRounds(way, BYTES, rounds).rates(copies);
    ceilings.add(way, rates.getLast());
    String taken = GpuRatios.taken(before, auto.flows());
    return new GpuCase(chunk, way, count, PATHS, rates, rates.getLast(), taken).results(wrong);
  }

  /** What one large copy did in every round. */
  private static final class Ceilings {
    private final Map<Way, List<Double>> rates = new EnumMap<>(Way.class);

    void add(Way way, List<Double> more) {
      rates.computeIfAbsent(way, _ -> new ArrayList<>()).addAll(more);
    }

    List<BenchResult> results() {
      return rates.entrySet()
          .stream()
          .map(
              entry -> new BenchResult(
                  "gpu.ceiling", Map.of("way", entry.getKey().word()), OptionalDouble.empty(),
                  OptionalDouble.of(Turns.median(entry.getValue())), OptionalDouble.empty()))
          .toList();
    }
  }
}
