package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
import io.pagoda.node.bench.RestartBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how soon the first block is there after a restart over a full disk. */
@Command(name = "restart")
final class RestartBenchCommand implements Callable<Integer> {
  private static final int PREFIX = 500;
  private static final int HOST_BLOCKS = 4 * PREFIX;
  private static final int PARTS = 4;

  private static final String NOTES = """

      From the call that opens the store until the first block has come from the disk. open: until
      the call has returned. since-jvm-start, with --again: the same from the start of this process.
      Every block was fetched and compared afterwards.
      """;

  private final Terminal terminal;
  private final StoreOpener stores;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--directory", paramLabel = "DIRECTORY") private Optional<Path> directory =
      Optional.empty();

  @Option(names = "--slots", paramLabel = "N") private int slots = 100_000;

  @Option(names = "--block-bytes", paramLabel = "SIZE",
      converter = SizeConverter.class) private ByteSize blockBytes = ByteSize.ofKibibytes(4);

  @Option(names = "--keep") private boolean keep;

  @Option(names = "--again") private boolean again;

  RestartBenchCommand(Terminal terminal, StoreOpener stores) {
    this.terminal = terminal;
    this.stores = stores;
  }

  @Override
  public Integer call() throws IOException {
    if (slots < PREFIX || slots % PREFIX != 0) {
      throw new ParameterException(
          spec.commandLine(), "--slots is a multiple of %d, not %d".formatted(PREFIX, slots));
    }
    if ((keep || again) && directory.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--keep and --again need a --directory, where the blocks stay");
    }
    json.check();
    terminal.err().println("bench restart ...");
    BenchReport report = new BenchReport(results());
    return new BenchOutput(terminal, json).show(report, report.text() + NOTES);
  }

  /** {@return what the benchmark finds} */
  List<BenchResult> results() throws IOException {
    if (again) {
      return List.of(hit(directory.orElseThrow(), true));
    }
    if (keep) {
      return List.of(filledAndHit(Files.createDirectories(directory.orElseThrow())));
    }
    try (ScratchDirectory scratch =
        directory.isPresent() ? ScratchDirectory.in(directory.get()) : ScratchDirectory.create()) {
      return List.of(filledAndHit(scratch.path()));
    }
  }

  private BenchResult filledAndHit(Path files) {
    try (OpenStore open = open(files)) {
      bench().fill(open.store());
    }
    return hit(files, false);
  }

  private BenchResult hit(Path files, boolean fresh) {
    long start = System.nanoTime();
    try (OpenStore open = open(files)) {
      return bench().hit(open.store(), start, fresh);
    }
  }

  private RestartBench bench() {
    var shape = new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, PREFIX, blockBytes.bytes() / PARTS);
    return new RestartBench(shape, slots);
  }

  private OpenStore open(Path files) {
    Overrides overrides = Overrides.NONE.tier("cpu=" + HOST_BLOCKS)
        .tier("ssd=" + slots)
        .blockBytes(blockBytes.bytes() + "B")
        .set("pagoda.tier.ssd.directory", files.toString())
        .set("pagoda.graph.write", "through")
        .set("pagoda.graph.promote", "copy");
    return stores.open(Optional.empty(), overrides, StageTimes.NONE);
  }
}
