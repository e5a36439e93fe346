package io.pagoda.node.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures a tier beside fio, in turns on the same file.
 *
 * @param tier its type
 * @param config the configuration whose settings of tiers hold, if any
 * @param blocks sizes of blocks
 * @param depths how many are under way
 * @param rounds how often each has its turn
 * @param seconds how long a turn is at least
 * @param setBytes how much of the tier is used
 * @param vsFio whether fio has turns, where it is installed
 */
public record TierBench(
    String tier, Optional<Path> config, List<Long> blocks, List<Integer> depths, int rounds,
    double seconds, long setBytes, boolean vsFio) {
  /** What is read of a block when it is not the whole, in bytes. */
  public static final long RANGE_BYTES = 64 << 10;

  private static final double WARM_UP_SECONDS = 0.5;
  private static final int WARM_UPS = 12;

  /** The share of one processor that compilers still have when all is warm. */
  private static final double WARM = 0.01;

  /** Blocks so small that the code is compiled soon; of large ones too few come by for that. */
  private static final long WARM_UP_BYTES = 64 << 10;

  private static final int WARM_UP_BLOCKS = 2048;

  private static final double CHECK_SECONDS = 0.1;

  /** Copies the lists. */
  public TierBench {
    blocks = List.copyOf(blocks);
    depths = List.copyOf(depths);
  }

  /** {@return whether fio is installed} */
  public static boolean fioIsHere() {
    return Fio.find().isPresent();
  }

  /**
   * Measures every case.
   *
   * @param directory an empty one for the tier's files
   * @param progress told of each case
   */
  public List<BenchResult> run(Path directory, Consumer<String> progress) throws IOException {
    List<BenchResult> results = new ArrayList<>();
    try (ExecutorService checksums = Executors.newFixedThreadPool(
        2, Thread.ofPlatform().daemon().name(TierLoad.CHECKSUMS, 0).factory())) {
      progress.accept("warming up");
      warmUp(directory.resolve("warm-up"), checksums);
      for (int i = 0; i < blocks.size(); i++) {
        Path own = directory.resolve("blocks-" + i);
        results.addAll(ofSize(blocks.get(i), own, checksums, progress));
        delete(own);
      }
    }
    return results;
  }

  private void warmUp(Path own, ExecutorService checksums) throws IOException {
    int deepest = deepest();
    var shape =
        new TierSet.Shape(WARM_UP_BLOCKS, WARM_UP_BYTES, WARM_UP_BYTES, deepest + TierLoad.SPARE);
    try (TierSet set = TierSet.open(tier, config, own, shape)) {
      var turns = new TierTurns(this, set, own, checksums);
      for (boolean write : new boolean[] {false, true}) {
        turns.warmUp(new TierCase(WARM_UP_BYTES, WARM_UP_BYTES, deepest, write));
      }
    }
    delete(own);
  }

  private int deepest() {
    return depths.stream().mapToInt(depth -> depth).max().orElse(1);
  }

  /** What outlives its tier is of no use to anybody. */
  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  private List<BenchResult> ofSize(
      long blockBytes, Path directory, ExecutorService checksums, Consumer<String> progress)
      throws IOException {
    int deepest = deepest();
    int slots = Math.toIntExact(Math.max(setBytes / blockBytes, deepest + TierLoad.SPARE));
    long range = Math.min(RANGE_BYTES, blockBytes);
    progress.accept("writing %d blocks of %s".formatted(slots, BenchResult.size(blockBytes)));
    List<BenchResult> results = new ArrayList<>();
    var shape = new TierSet.Shape(slots, blockBytes, range, deepest + TierLoad.SPARE);
    try (TierSet set = TierSet.open(tier, config, directory, shape)) {
      var turns = new TierTurns(this, set, TierSet.file(directory), checksums);
      // Reads first: fio's writes leave bytes that nobody knows.
      results.addAll(turns.measure(reads(blockBytes, range), progress));
      results.addAll(turns.measure(writes(blockBytes), progress));
    }
    return results;
  }

  private List<TierCase> reads(long blockBytes, long range) {
    List<TierCase> cases = new ArrayList<>();
    depths.forEach(depth -> cases.add(new TierCase(blockBytes, blockBytes, depth, false)));
    // Every size of block would cost minutes, and show the same.
    if (range < blockBytes && blockBytes == blocks.getLast()) {
      depths.forEach(depth -> cases.add(new TierCase(blockBytes, range, depth, false)));
    }
    return cases;
  }

  private List<TierCase> writes(long blockBytes) {
    return depths.stream().map(depth -> new TierCase(blockBytes, blockBytes, depth, true)).toList();
  }

  /** The turns of one case, by rounds. */
  private record Series(TierCase what, List<Flow> ours, List<Flow> theirs) {
    static Series of(TierCase what) {
      return new Series(what, new ArrayList<>(), new ArrayList<>());
    }
  }

  /** Turns of a tier and of fio at one file. */
  private record TierTurns(TierBench bench, TierSet set, Path file, ExecutorService checksums) {
    /**
     * Measures cases together: each round has a turn of every case, so that a disk that is slow for
     * a while is slow for some turns of all, and not for all turns of one.
     */
    List<BenchResult> measure(List<TierCase> cases, Consumer<String> progress) throws IOException {
      Optional<Fio> fio = bench.vsFio ? Fio.find() : Optional.empty();
      List<Series> all = cases.stream().map(Series::of).toList();
      for (int round = 0; round < bench.rounds; round++) {
        for (Series series : all) {
          if (round == 0) {
            progress.accept(series.what.toString());
            warmUp(series.what);
          }
          turn(series, round, fio);
        }
      }
      List<BenchResult> results = new ArrayList<>();
      for (Series series : all) {
        results.add(result(bench.tier, series.what, series.ours, series.theirs, wrong(series)));
      }
      return results;
    }

    private void turn(Series series, int round, Optional<Fio> fio) throws IOException {
      double seconds = series.what.turnSeconds(bench.seconds);
      boolean oursFirst = round % 2 == 0;
      if (oursFirst) {
        series.ours.add(ours(series.what, seconds, round));
      }
      if (fio.isPresent()) {
        long bytes = set.slots() * set.blockBytes();
        series.theirs.add(fio.get().run(series.what, file, bytes, seconds, round + 1));
      }
      if (!oursFirst) {
        series.ours.add(ours(series.what, seconds, round));
      }
    }

    private long wrong(Series series) {
      long wrong = series.ours.stream().mapToLong(Flow::wrongBytes).sum();
      return series.what.write()
          ? wrong + TierLoad.wrongAfterWriting(set, series.what, checksums, CHECK_SECONDS)
          : wrong;
    }

    /** Until the JVM has little left to compile: what it compiles is not the tier's cost. */
    private void warmUp(TierCase what) {
      double seconds = Math.min(WARM_UP_SECONDS, bench.seconds);
      for (int i = 0; i < WARM_UPS; i++) {
        if (ours(what, seconds, -1 - i).cpu().compilers() < WARM * seconds) {
          return;
        }
      }
    }

    private Flow ours(TierCase what, double seconds, long seed) {
      return TierLoad.run(set, what, checksums, seconds, seed);
    }
  }

  /** {@return the figure of one case; without turns of fio there is nothing to compare with} */
  static BenchResult result(
      String tier, TierCase what, List<Flow> ours, List<Flow> theirs, long wrong) {
    Map<String, Double> further = new LinkedHashMap<>();
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < theirs.size(); round++) {
      ratios.add(ours.get(round).rate() / theirs.get(round).rate());
    }
    if (!theirs.isEmpty()) {
      further.put("fio_gb_per_s", Turns.median(theirs.stream().map(Flow::rate).toList()));
      further.put("ratio_min", ratios.stream().min(Double::compare).orElseThrow());
      further.put("ratio_max", ratios.stream().max(Double::compare).orElseThrow());
      further.put("fio_cpu_s_per_gb", cpu(theirs, Flow.Cpu::total));
    }
    further.put("cpu_s_per_gb", cpu(ours, Flow.Cpu::total));
    further.put("tier_cpu_s_per_gb", cpu(ours, Flow.Cpu::tier));
    further.put("checksum_cpu_s_per_gb", cpu(ours, Flow.Cpu::checksums));
    further.put("compiler_cpu_s_per_gb", cpu(ours, Flow.Cpu::compilers));
    further.put(BenchResult.WRONG_BYTES, (double) wrong);
    return new BenchResult(
        what.name(), what.params(tier), OptionalDouble.empty(),
        OptionalDouble.of(Turns.median(ours.stream().map(Flow::rate).toList())),
        ratios.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Turns.median(ratios)),
        further);
  }

  private static double cpu(List<Flow> flows, ToDoubleFunction<Flow.Cpu> part) {
    return Turns.median(
        flows.stream().map(flow -> flow.perGigabyte(part.applyAsDouble(flow.cpu()))).toList());
  }
}
