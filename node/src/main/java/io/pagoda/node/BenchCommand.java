package io.pagoda.node;

import io.pagoda.node.bench.BenchReport;
import io.pagoda.node.bench.BenchResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures parts of Pagoda on this machine. */
@Command(name = "bench")
final class BenchCommand implements Callable<Integer> {
  private static final String ALL = "all";

  private final Terminal terminal;
  private final Map<String, Supplier<List<BenchResult>>> benchmarks;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Parameters(arity = "0..1", descriptionKey = "WHICH", completionCandidates = Words.class,
      paramLabel = "WHICH") private String which = ALL;

  /** The words that select benchmarks. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      List<String> words = new ArrayList<>(Benchmarks.WORDS);
      words.add(ALL);
      return words.iterator();
    }
  }

  BenchCommand(Terminal terminal, Map<String, Supplier<List<BenchResult>>> benchmarks) {
    this.terminal = terminal;
    this.benchmarks = benchmarks;
  }

  @Override
  public Integer call() throws IOException {
    if (!which.equals(ALL) && !benchmarks.containsKey(which)) {
      throw new ParameterException(
          spec.commandLine(), "no benchmark is called '%s'; there are %s and all"
              .formatted(which, String.join(", ", benchmarks.keySet())));
    }
    json.check();
    BenchReport report = new BenchReport(run());
    return new BenchOutput(terminal, json).show(report, report.text());
  }

  private List<BenchResult> run() {
    List<BenchResult> results = new ArrayList<>();
    benchmarks.forEach((word, benchmark) -> {
      if (which.equals(ALL) || which.equals(word)) {
        terminal.err().printf("bench %s ...%n", word);
        results.addAll(benchmark.get());
      }
    });
    return results;
  }
}
