package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
import io.pagoda.node.bench.PoolCopyBench;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures copies in host memory: of the hub, or of engine memory in given layouts. */
@Command(name = "copy")
final class CopyBenchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--layout", split = ",", paramLabel = "LAYOUT",
      converter = LayoutConverter.class) private List<KvLayout> layouts = List.of();

  @Option(names = "--chunk", split = ",", paramLabel = "SIZE",
      converter = SizeConverter.class) private List<ByteSize> chunks = List.of(
          ByteSize.ofKibibytes(4), ByteSize.ofKibibytes(8), ByteSize.ofKibibytes(32),
          ByteSize.ofKibibytes(128), ByteSize.ofMebibytes(1));

  @Option(names = "--layers", paramLabel = "N") private int layers = 32;

  @Option(names = "--tensors", paramLabel = "N") private int tensors = 2;

  CopyBenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    List<PoolSpec> shapes = shapes();
    terminal.err().println("bench copy ...");
    List<BenchResult> results = shapes.isEmpty() ? Benchmarks.copy() : engineMemory(shapes);
    BenchReport report = new BenchReport(results);
    return new BenchOutput(terminal, json).show(report, report.text());
  }

  private List<PoolSpec> shapes() {
    List<PoolSpec> shapes = new ArrayList<>();
    for (KvLayout layout : layouts) {
      for (ByteSize chunk : chunks) {
        shapes.add(shape(layout, chunk));
      }
    }
    return shapes;
  }

  private PoolSpec shape(KvLayout layout, ByteSize chunk) {
    if (chunk.bytes() % Long.BYTES != 0) {
      throw new ParameterException(spec.commandLine(), "--chunk is a multiple of 8 bytes");
    }
    try {
      return new PoolSpec(layout, layers, tensors, 1, chunk.bytes());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static List<BenchResult> engineMemory(List<PoolSpec> shapes) {
    PoolCopyBench bench = PoolCopyBench.ofThisMachine();
    return shapes.stream().flatMap(shape -> bench.run(shape).stream()).toList();
  }
}
