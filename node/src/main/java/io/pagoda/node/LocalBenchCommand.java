package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
import io.pagoda.node.bench.LocalKinds;
import io.pagoda.node.bench.LocalText;
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

/** Measures how blocks move between every two kinds of places that this machine has. */
@Command(name = "local")
final class LocalBenchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--config", paramLabel = "FILE") private Optional<Path> file = Optional.empty();

  @Option(names = "--directory", paramLabel = "DIRECTORY") private Optional<Path> directory =
      Optional.empty();

  @Option(names = "--layouts", split = ",", paramLabel = "LAYOUT",
      converter = LayoutConverter.class) private List<KvLayout> layouts =
          List.of(KvLayout.values());

  @Option(names = "--chunk", paramLabel = "SIZE",
      converter = SizeConverter.class) private ByteSize chunk = ByteSize.ofKibibytes(32);

  @Option(names = "--layers", paramLabel = "N") private int layers = 32;

  @Option(names = "--tensors", paramLabel = "N") private int tensors = 2;

  @Option(names = "--memory", paramLabel = "SIZE",
      converter = SizeConverter.class) private ByteSize memory = ByteSize.ofMebibytes(256);

  @Option(names = "--batch", paramLabel = "N") private int batch = 8;

  @Option(names = "--rounds", paramLabel = "N") private int rounds = 100;

  LocalBenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    PoolSpec shape = shape();
    json.check();
    List<BenchResult> results =
        results(shape, pair -> terminal.err().println("bench local " + pair + " ..."));
    return new BenchOutput(terminal, json)
        .show(new BenchReport(results), new LocalText(results).text() + notes(shape));
  }

  private String notes(PoolSpec shape) {
    return """

        Batches of %d blocks of %s, one at a time. Unless host or pinned memory is one of the two,
        they go through host memory: two copies. The bound is measured beside, in turns: memcpy of
        as many bytes on one thread, or reads and writes of a file of such blocks. After that every
        block of the target was compared, moved or not.
        """.formatted(Math.min(batch, shape.blocks()), new ByteSize(shape.blockBytes()));
  }

  /** {@return what the benchmark finds} */
  List<BenchResult> results(Consumer<String> progress) throws IOException {
    return results(shape(), progress);
  }

  private List<BenchResult> results(PoolSpec shape, Consumer<String> progress) throws IOException {
    try (ScratchDirectory scratch =
        directory.isPresent() ? ScratchDirectory.in(directory.get()) : ScratchDirectory.create();
        LocalKinds kinds = LocalKinds.open(shape, layouts, file, scratch.path())) {
      return kinds.measure(Math.min(batch, shape.blocks()), rounds, progress);
    }
  }

  private PoolSpec shape() {
    if (batch < 1 || rounds < 1 || chunk.bytes() % Long.BYTES != 0) {
      throw usage("--batch and --rounds are at least 1, --chunk a multiple of 8 bytes");
    }
    try {
      long block =
          new PoolSpec(KvLayout.BLOCK_FIRST, layers, tensors, 1, chunk.bytes()).blockBytes();
      int batches = Math.toIntExact(Math.max(1, memory.bytes() / block / batch));
      return new PoolSpec(KvLayout.BLOCK_FIRST, layers, tensors, batches * batch, chunk.bytes());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException usage(String why) {
    return new ParameterException(spec.commandLine(), why);
  }
}
