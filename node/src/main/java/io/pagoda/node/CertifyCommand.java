package io.pagoda.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Certifier;
import io.pagoda.core.deploy.Clause;
import io.pagoda.core.deploy.Clause.Verdict;
import io.pagoda.core.deploy.TierTrial;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the contract of tiers against one of a configuration. */
@Command(name = "certify")
final class CertifyCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--tier", required = true, descriptionKey = "certify.tier",
      paramLabel = "NAME") private String tier = "";

  @Option(names = "--config", paramLabel = "FILE") private Optional<Path> file = Optional.empty();

  @Option(names = "--set", paramLabel = "KEY=VALUE") private Map<String, String> settings =
      new LinkedHashMap<>();

  CertifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    PagodaConfig config = PagodaConfig.load(file, overrides());
    Certifier certifier = CertifierLayer.certifier();
    List<Clause> clauses = new ArrayList<>();
    boolean keyed;
    try (Plugins plugins = Plugins.in(config.plugins());
        TierTrial trial = TierTrial.of(config, plugins, tier)) {
      keyed = trial.keyed();
      say(trial.toString());
      certifier.certify(trial, trial.keyed(), clause -> {
        clauses.add(clause);
        say(line(clause));
      });
    }
    long broken = count(clauses, Verdict.BROKEN);
    long kept = count(clauses, Verdict.KEPT);
    say(
        broken == 0
            ? "certified: it keeps each of the %d promises that it makes".formatted(kept)
            : "not certified: it breaks %d of %d promises".formatted(broken, broken + kept));
    if (keyed) {
      say("what was stored stays, by keys that no store asks for");
    }
    json.write(terminal, generator -> write(generator, clauses));
    return broken == 0 && kept > 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private Overrides overrides() {
    Overrides overrides = Overrides.NONE;
    for (var setting : settings.entrySet()) {
      overrides = overrides.set(setting.getKey(), setting.getValue());
    }
    return overrides;
  }

  private static long count(List<Clause> clauses, Verdict verdict) {
    return clauses.stream().filter(clause -> clause.verdict() == verdict).count();
  }

  private static void write(JsonGenerator generator, List<Clause> clauses) throws IOException {
    generator.writeStartArray();
    for (Clause clause : clauses) {
      generator.writeStartObject();
      generator.writeStringField("promise", clause.name());
      generator.writeStringField("verdict", word(clause));
      generator.writeStringField("reason", clause.reason());
      generator.writeEndObject();
    }
    generator.writeEndArray();
  }

  private void say(String line) {
    if (!json.takesStandardOutput()) {
      terminal.out().println(line);
      terminal.out().flush();
    }
  }

  private static String line(Clause clause) {
    String reason = clause.reason().isEmpty() ? "" : ": " + clause.reason();
    return "  %-9s  %s%s".formatted(word(clause), clause.name(), reason);
  }

  private static String word(Clause clause) {
    return switch (clause.verdict()) {
      case KEPT -> "kept";
      case BROKEN -> "BROKEN";
      case NOT_ASKED -> "not asked";
    };
  }
}
