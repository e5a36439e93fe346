package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.CompiledPair;
import io.pagoda.node.bench.TransportBench;
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
          "--blocks are multiples of 8 bytes up to 256MiB, --batch and --rounds at least 1");
    }
    List<Long> sizes = blocks.stream().map(ByteSize::bytes).toList();
    try (ScratchDirectory scratch = ScratchDirectory.create()) {
      CompiledPair.Attempt attempt = CompiledPair.compile(scratch.path());
      TransportBench.Outcome outcome = new TransportBench(type, config, sizes, batch, rounds)
          .run(attempt.pair(), step -> terminal.err().println("bench transport: " + step + " ..."));
      BenchReport report = new BenchReport(outcome.results());
      return new BenchOutput(terminal, json)
          .show(report, report.text() + notes(outcome.road(), attempt.missing()));
    }
  }

  private static String notes(String road, String missing) {
    String beside = missing.isEmpty()
        ? "The limit is a pair of C programs with plain send and recv, in turns with it.\n"
        : "There is nothing to compare with: " + missing + "\n";
    return "\nBy " + road + "\n" + beside;
  }
}
