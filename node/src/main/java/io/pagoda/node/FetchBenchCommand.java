package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
import io.pagoda.node.bench.FetchBench;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures what a fetch costs beside its copies. */
@Command(name = "fetch")
final class FetchBenchCommand implements Callable<Integer> {
  private static final int TOKENS_PER_BLOCK = 16;
  private static final ByteSize TINY = new ByteSize(64);
  private static final ByteSize REAL = ByteSize.ofKibibytes(32);
  private static final long WARM_UP_NANOS = Duration.ofSeconds(2).toNanos();

  private static final String NOTES = """

      A fetch is everything from hashing the tokens for match until the caller, who waits, has the
      outcome. overhead: chunks of 64 B, nothing subtracted; tokens: the same through KvCache, where
      hash, match and call are one. beside-copies: the caller then copies
      as many bytes to the same place itself, and that time is subtracted; "of the limit" is what
      it is of the fetch's. Paced callers sleep 0.5 to 1.5 ms between fetches, and 10 to 30 ms where
      they copy; closed ones do not sleep.
      hash, match, call: until BlockHasher, match and fetch have returned. move: from there until
      the store knows the outcome. wake: until the caller runs again. All are medians.
      """;

  private final Terminal terminal;
  private final StoreOpener stores;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--callers", paramLabel = "N") private int callers = 4;

  @Option(names = "--tokens", paramLabel = "N") private int tokens = 8192;

  @Option(names = "--fetches", paramLabel = "N") private int fetches = 3000;

  @Option(names = "--policy", paramLabel = "NAME") private String policy = "lru";

  FetchBenchCommand(Terminal terminal, StoreOpener stores) {
    this.terminal = terminal;
    this.stores = stores;
  }

  @Override
  public Integer call() throws IOException {
    if (callers < 1 || fetches < 1 || tokens < TOKENS_PER_BLOCK) {
      throw new ParameterException(
          spec.commandLine(),
          "--callers and --fetches are at least 1, --tokens at least " + TOKENS_PER_BLOCK);
    }
    json.check();
    terminal.err().println("bench fetch ...");
    BenchReport report = new BenchReport(results());
    return new BenchOutput(terminal, json).show(report, report.text() + NOTES);
  }

  /** {@return what the benchmark finds, at one caller and at as many as were asked for} */
  List<BenchResult> results() {
    List<BenchResult> results = new ArrayList<>();
    for (int some : new TreeSet<>(List.of(1, callers))) {
      FetchBench bench = bench(TINY, some, fetches);
      try (OpenStore open = open(bench)) {
        results.addAll(bench.overhead(open.store()));
      }
    }
    for (int some : new TreeSet<>(List.of(1, callers))) {
      FetchBench bench = bench(REAL, some, Math.ceilDiv(fetches, 10));
      try (OpenStore open = open(bench)) {
        results.addAll(bench.besideCopies(open.store()));
      }
    }
    return results;
  }

  private FetchBench bench(ByteSize chunk, int some, int times) {
    int blocks = tokens / TOKENS_PER_BLOCK;
    var shape = new PoolSpec(KvLayout.LAYER_FIRST, 1, 1, blocks, chunk.bytes());
    return new FetchBench(shape, some, times, Math.min(WARM_UP_NANOS, times * 1_000_000L));
  }

  /** Opens a store that copies as many fetches at a time as there are. */
  private OpenStore open(FetchBench bench) {
    PoolSpec shape = bench.shape();
    Overrides overrides = Overrides.NONE.tier("cpu=" + shape.blocks() * bench.callers())
        .blockBytes(shape.blockBytes() + "B")
        .policy(policy)
        .set("pagoda.engine.copy-threads", Integer.toString(bench.callers()));
    return stores.open(Optional.empty(), overrides, StageTimes.NONE);
  }
}
