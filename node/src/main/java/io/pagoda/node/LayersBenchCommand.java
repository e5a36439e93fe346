package io.pagoda.node;

import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
import io.pagoda.node.bench.LayersBench;
import java.io.IOException;
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

/** Measures how soon the first layer of a prefix on a disk is there. */
@Command(name = "layers")
final class LayersBenchCommand implements Callable<Integer> {
  private static final int TOKENS_PER_BLOCK = 16;
  private static final int KV_HEADS = 8;
  private static final int HEAD_SIZE = 128;
  private static final int ELEMENT_BYTES = 2;

  private static final String NOTES = """

      The time of the first layer, and the bandwidth up to the last; all are medians. Every block
      came from the disk, was verified section by section, and compared after the timing.
      """;

  private final Terminal terminal;
  private final StoreOpener stores;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--directory", paramLabel = "DIRECTORY") private Optional<Path> directory =
      Optional.empty();

  @Option(names = "--tokens", paramLabel = "N") private int tokens = 4096;

  @Option(names = "--layers", paramLabel = "N") private int layers = 32;

  @Option(names = "--sections", paramLabel = "N") private int sections = 32;

  @Option(names = "--rounds", paramLabel = "N") private int rounds = 20;

  LayersBenchCommand(Terminal terminal, StoreOpener stores) {
    this.terminal = terminal;
    this.stores = stores;
  }

  @Override
  public Integer call() throws IOException {
    if (tokens < TOKENS_PER_BLOCK || layers < 1 || rounds < 1 || sections < 1) {
      throw new ParameterException(
          spec.commandLine(), "--layers, --sections and --rounds are at least 1, --tokens at least "
              + TOKENS_PER_BLOCK);
    }
    json.check();
    terminal.err().println("bench layers ...");
    BenchReport report = new BenchReport(results());
    return new BenchOutput(terminal, json).show(report, report.text() + NOTES);
  }

  /** {@return what the benchmark finds} */
  List<BenchResult> results() throws IOException {
    int blocks = tokens / TOKENS_PER_BLOCK;
    long chunk = (long) TOKENS_PER_BLOCK * KV_HEADS * HEAD_SIZE * ELEMENT_BYTES;
    var shape = new PoolSpec(KvLayout.LAYER_FIRST, layers, 2, blocks, chunk);
    try (ScratchDirectory scratch =
        directory.isPresent() ? ScratchDirectory.in(directory.get()) : ScratchDirectory.create();
        OpenStore open = open(shape, scratch.path())) {
      return new LayersBench(shape, rounds).run(open.store(), "ssd", sections);
    }
  }

  private OpenStore open(PoolSpec shape, Path scratch) {
    Overrides overrides = Overrides.NONE.tier("cpu=" + shape.blocks())
        .tier("ssd=" + 2 * shape.blocks())
        .set("pagoda.tier.ssd.directory", scratch.toString())
        .set("pagoda.graph.write", "through")
        .set("pagoda.graph.promote", "copy")
        .set("pagoda.model.layers", Integer.toString(layers))
        .set("pagoda.model.kv-heads", Integer.toString(KV_HEADS))
        .set("pagoda.model.head-size", Integer.toString(HEAD_SIZE))
        .set("pagoda.model.dtype", "bf16")
        .set("pagoda.engine.layer-sections", Integer.toString(sections));
    return stores.open(Optional.empty(), overrides, StageTimes.NONE);
  }
}
