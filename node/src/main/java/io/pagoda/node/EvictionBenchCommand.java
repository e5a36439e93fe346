package io.pagoda.node;

import io.pagoda.core.bench.EvictionBench;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Policies;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
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

/** Measures what eviction policies cost for each block that is used. */
@Command(name = "eviction")
final class EvictionBenchCommand implements Callable<Integer> {
  private static final int LEAST_SLOTS = 4_096;

  private static final String NOTES = """

      For each block: eviction.use of a prefix of 16 that is there, picked anywhere;
      eviction.replace of one that is not, and takes the place of others. Both include what
      it costs to pick it.
      """;

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--policies", split = ",", paramLabel = "NAME") private List<String> policies =
      List.of();

  @Option(names = "--slots", paramLabel = "N") private int slots = 1_000_000;

  EvictionBenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (slots < LEAST_SLOTS) {
      throw new ParameterException(
          spec.commandLine(), "--slots is at least %d, not %d".formatted(LEAST_SLOTS, slots));
    }
    json.check();
    terminal.err().println("bench eviction ...");
    BenchReport report = new BenchReport(results());
    return new BenchOutput(terminal, json).show(report, report.text() + NOTES);
  }

  private List<BenchResult> results() {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    EvictionBench bench = new EvictionBench(slots);
    List<BenchResult> results = new ArrayList<>();
    try (Plugins plugins = Plugins.in(config.plugins());
        Policies made = new Policies(config, plugins)) {
      for (String name : policies.isEmpty() ? made.names() : policies) {
        bench.run(name, made.create(name, bench.slots()))
            .forEach(measured -> results.add(Benchmarks.result(measured)));
      }
    }
    return results;
  }
}
