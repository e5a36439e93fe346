package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
import io.pagoda.node.bench.GpuBench;
import io.pagoda.node.bench.GpuText;
import io.pagoda.node.bench.RemoteBench;
import io.pagoda.node.bench.RemoteText;
import io.pagoda.node.bench.TierBench;
import io.pagoda.node.bench.TierText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures a tier on a disk beside fio on the same file, a GPU beside plain copies, or a tier in
 * object storage.
 */
@Command(name = "tier")
final class TierBenchCommand implements Callable<Integer> {
  private static final String GPU = "gpu";
  private static final long LARGEST_SET = 8L << 30;
  private static final int DEEPEST = 1024;
  private static final int MOST_TOGETHER = 64;
  private static final long LARGEST_TURN = 256 << 20;

  private static final int TURNS = 7;

  private static final String NO_FIO = """
      fio was not found, so there is nothing to compare with: apt-get install fio
      """;

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--tier", paramLabel = "TYPE") private String tier = "ssd";

  @Option(names = "--vs-fio") private boolean vsFio;

  @Option(names = "--config", paramLabel = "FILE") private Optional<Path> config = Optional.empty();

  @Option(names = "--dir", paramLabel = "DIRECTORY") private Optional<Path> directory =
      Optional.empty();

  @Option(names = "--blocks", split = ",", paramLabel = "SIZE",
      converter = SizeConverter.class) private List<ByteSize> blocks =
          List.of(1, 2, 4, 8).stream().map(ByteSize::ofMebibytes).toList();

  @Option(names = "--depths", split = ",", paramLabel = "N") private List<Integer> depths =
      List.of(8, 32, 128);

  @Option(names = "--together", paramLabel = "N") private int together = 1;

  @Option(names = "--rounds", paramLabel = "N") private Optional<Integer> rounds = Optional.empty();

  @Option(names = "--seconds", paramLabel = "S") private double seconds = 1;

  @Option(names = "--set", paramLabel = "SIZE",
      converter = SizeConverter.class) private ByteSize set = ByteSize.ofMebibytes(2048);

  @Option(names = "--jobs-only") private boolean jobsOnly;

  TierBenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    if (RemoteBench.TYPES.contains(tier)) {
      return callForServer();
    }
    return tier.equals(GPU) ? callForGpu() : callBesideFio();
  }

  private int callForGpu() throws IOException {
    var bench = new GpuBench(
        config, jobsOnly ? List.of() : GpuBench.CHUNKS, GpuBench.CTAS,
        Math.max(1, rounds.orElse(GpuBench.ROUNDS)));
    try (ScratchDirectory scratch = ScratchDirectory.create()) {
      List<BenchResult> results =
          bench.run(scratch.path(), step -> terminal.err().println("bench tier: " + step + " ..."));
      return new BenchOutput(terminal, json)
          .show(new BenchReport(results), new GpuText(results).text());
    }
  }

  private int callForServer() throws IOException {
    if (together < 1 || together > MOST_TOGETHER) {
      throw new ParameterException(
          spec.commandLine(), "--together is 1 to " + MOST_TOGETHER + ", not " + together);
    }
    var bench = new RemoteBench(
        tier, config, blocks.stream().map(ByteSize::bytes).toList(), depths.getFirst(), together,
        rounds.orElse(TURNS), Math.min(set.bytes(), LARGEST_TURN));
    List<BenchResult> results =
        bench.run(step -> terminal.err().println("bench tier: " + step + " ..."));
    return new BenchOutput(terminal, json)
        .show(new BenchReport(results), new RemoteText(results).text());
  }

  private int callBesideFio() throws IOException {
    TierBench bench = bench();
    List<BenchResult> results =
        results(bench, step -> terminal.err().println("bench tier: " + step + " ..."));
    boolean alone = vsFio && !TierBench.fioIsHere();
    return new BenchOutput(terminal, json).show(
        new BenchReport(results), new TierText(results).text() + notes() + (alone ? NO_FIO : ""));
  }

  private String notes() {
    return """

        Turns of at least %.1f s, in which what is under way changes ten times at 2 GB/s, in random
        order of slots, fio and Pagoda on the same file; in each round all depths have theirs.
        Figures are medians, the ratio is that of each round. Pagoda's include CRC32C of every
        byte; its CPU time is that of all threads, the bench's included, but for those that take
        checksums and the JVM's compilers. Both have transparent huge pages, if the kernel and the
        C library do.
        """.formatted(seconds);
  }

  private List<BenchResult> results(TierBench bench, Consumer<String> progress) throws IOException {
    try (ScratchDirectory scratch =
        directory.isPresent() ? ScratchDirectory.in(directory.get()) : ScratchDirectory.create()) {
      return bench.run(scratch.path(), progress);
    }
  }

  private TierBench bench() {
    boolean sizesFit = blocks.stream()
        .allMatch(block -> block.bytes() > 0 && block.bytes() % TierBench.RANGE_BYTES == 0);
    boolean depthsFit = depths.stream().allMatch(depth -> depth >= 1 && depth <= DEEPEST);
    if (!sizesFit
        || !depthsFit
        || rounds.orElse(TURNS) < 1
        || seconds < 0.01
        || set.bytes() > LARGEST_SET) {
      throw new ParameterException(
          spec.commandLine(),
          "--blocks are multiples of 64KiB, --depths 1 to %d, --rounds at least 1, --seconds at "
              .formatted(DEEPEST) + "least 0.01, --set at most 8GiB");
    }
    return new TierBench(
        tier, config, blocks.stream().map(ByteSize::bytes).toList(), depths, rounds.orElse(TURNS),
        seconds, set.bytes(), vsFio);
  }
}
