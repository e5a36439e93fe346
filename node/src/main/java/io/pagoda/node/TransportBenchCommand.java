package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.CompiledPair;
import io.pagoda.node.bench.TransportBench;
import io.pagoda.node.bench.UcxPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures a transport over loopback beside a pair of C programs. */
@Command(name = "transport")
final class TransportBenchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--type", paramLabel = "TYPE") private String type = "tcp";

  @Option(names = "--config", paramLabel = "FILE") private Optional<Path> config = Optional.empty();

  @Option(names = "--blocks", split = ",", paramLabel = "SIZE",
      converter = SizeConverter.class) private List<ByteSize> blocks =
          Stream.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 2048, 4096, 8192)
              .map(ByteSize::ofKibibytes)
              .toList();

  @Option(names = "--batch", paramLabel = "N") private int batch = 1538;

  @Option(names = "--rounds", paramLabel = "N") private int rounds = 3;

  @Option(names = "--vs-ucx") private boolean vsUcx;

  @Option(names = "--ucx-jar", paramLabel = "FILE") private Path ucxJar = UcxPair.jar();

  TransportBenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    boolean fit = blocks.stream()
        .allMatch(block -> block.bytes() % 8 == 0 && block.bytes() <= TransportBench.MOST_BYTES);
    if (!fit || batch < 1 || rounds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--blocks are multiples of 8 bytes up to 384MiB, --batch and --rounds at least 1");
    }
    List<Long> sizes = blocks.stream().map(ByteSize::bytes).toList();
    TransportBench bench = new TransportBench(type, config, sizes, batch, rounds);
    try (ScratchDirectory scratch = ScratchDirectory.create()) {
      CompiledPair.Attempt attempt = CompiledPair.compile(scratch.path());
      UcxPair.Attempt ucx =
          vsUcx ? UcxPair.start(ucxJar, bench.mostBytes(), scratch.path()) : UcxPair.Attempt.NONE;
      try {
        return show(bench, attempt, ucx);
      } finally {
        if (ucx.pair().isPresent()) {
          ucx.pair().get().close();
        }
      }
    }
  }

  private int show(TransportBench bench, CompiledPair.Attempt pair, UcxPair.Attempt ucx)
      throws IOException {
    TransportBench.Outcome outcome = bench.run(
        pair.pair(), ucx.pair(),
        step -> terminal.err().println("bench transport: " + step + " ..."));
    BenchReport report = new BenchReport(outcome.results());
    String notes = "\nBy " + outcome.road() + "\n" + limit(pair) + (vsUcx ? ucx(ucx) : "");
    return new BenchOutput(terminal, json).show(report, report.text() + notes);
  }

  private static String limit(CompiledPair.Attempt attempt) {
    return attempt.missing().isEmpty()
        ? "The limit is a pair of C programs with plain send and recv, in turns with it.\n"
        : "There is nothing to compare with: " + attempt.missing() + "\n";
  }

  private static String ucx(UcxPair.Attempt attempt) {
    return attempt.missing().isEmpty()
        ? "UCX puts and gets the same blocks by its TCP, in turns with both.\n"
        : "UCX had no turn: " + attempt.missing() + "\n";
  }
}
