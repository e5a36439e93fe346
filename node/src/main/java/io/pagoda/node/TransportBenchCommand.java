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

  @Option(names = "--serve") private boolean serve;

  @Option(names = "--peer", paramLabel = "LINE") private Optional<String> peer = Optional.empty();

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
    if (serve || peer.isPresent()) {
      return between(bench);
    }
    try (ScratchDirectory scratch = ScratchDirectory.create()) {
      CompiledPair.Attempt attempt = type.equals("tcp")
          ? CompiledPair.compile(scratch.path())
          : new CompiledPair.Attempt(Optional.empty(), "");
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

  /** One end is another process, here or on another machine. */
  private int between(TransportBench bench) throws IOException {
    if (serve) {
      bench.serve(far -> {
        terminal.out().println(far.line());
        terminal.out().flush();
        terminal.err()
            .println(
                "bench transport: give this line to --peer, with the same --type, --blocks and"
                    + " --batch; until standard input ends");
        StandardInput.awaitEnd();
      });
      return ExitCode.OK;
    }
    try {
      TransportBench.Outcome outcome = bench.run(
          peer.orElseThrow(), step -> terminal.err().println("bench transport: " + step + " ..."));
      return show(outcome, outcome.notes());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--peer: " + e.getMessage());
    }
  }

  private int show(TransportBench bench, CompiledPair.Attempt pair, UcxPair.Attempt ucx)
      throws IOException {
    TransportBench.Outcome outcome = bench.run(
        new TransportBench.Beside(pair.pair(), ucx.pair()),
        step -> terminal.err().println("bench transport: " + step + " ..."));
    String limit = type.equals("tcp") ? limit(pair) : outcome.notes();
    return show(outcome, limit + (vsUcx ? ucx(ucx) : ""));
  }

  private int show(TransportBench.Outcome outcome, String notes) throws IOException {
    BenchReport report = new BenchReport(outcome.results());
    String road = "\nBy " + outcome.road() + "\n";
    return new BenchOutput(terminal, json).show(report, report.text() + road + notes);
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
