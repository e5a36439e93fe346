package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Policies;
import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.sim.Belady;
import io.pagoda.node.sim.Sim;
import io.pagoda.node.sim.SimCosts;
import io.pagoda.node.sim.SimHtml;
import io.pagoda.node.sim.SimReport;
import io.pagoda.node.sim.SimTrace;
import io.pagoda.node.sim.Workload;
import io.pagoda.node.text.Numbers;
import io.pagoda.node.trace.TraceFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tries eviction policies and capacities on a trace. */
@Command(name = "sim")
final class SimCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private JsonOption json = new JsonOption();

  @ArgGroup(multiplicity = "1") private Requests requests = new Requests();

  @Option(names = "--format", paramLabel = "FORMAT") private TraceFormat format =
      TraceFormat.MOONCAKE;

  @Option(names = "--policies", split = ",", paramLabel = "NAME") private List<String> policies =
      List.of();

  @Option(names = "--capacities", split = ",", required = true,
      paramLabel = "BLOCKS") private List<Integer> capacities = List.of();

  @Option(names = "--model", paramLabel = "MODEL") private Sim.Model model = Sim.Model.STORE;

  @Option(names = "--below", paramLabel = "BLOCKS") private int below;

  @Option(names = "--write", paramLabel = "WHEN") private WritePolicy write = WritePolicy.THROUGH;

  @Option(names = "--promote", paramLabel = "HOW") private Promotion promote = Promotion.COPY;

  @Option(names = "--admit", paramLabel = "WHICH") private Admission admit = Admission.ALL;

  @Option(names = "--write-price", paramLabel = "PART") private double writePrice =
      Edge.WRITE_PRICE;

  @Option(names = "--compute", paramLabel = "MS") private Optional<Double> compute =
      Optional.empty();

  @Option(names = "--load", paramLabel = "MS") private double load;

  @Option(names = "--load-below", paramLabel = "MS") private double loadBelow;

  @Option(names = "--threads", paramLabel = "N") private int threads =
      Runtime.getRuntime().availableProcessors();

  @Option(names = "--csv", paramLabel = "FILE") private Optional<Path> csv = Optional.empty();

  @Option(names = "--html", paramLabel = "FILE") private Optional<Path> html = Optional.empty();

  /** Where requests come from. */
  static final class Requests {
    @Option(names = "--trace", paramLabel = "FILE") private Optional<Path> trace = Optional.empty();

    @Option(names = "--generate", paramLabel = "KIND") private Optional<String> generate =
        Optional.empty();
  }

  SimCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    check();
    json.check();
    SimReport report = report();
    if (!json.takesStandardOutput()) {
      terminal.out().print(terminal.glyphs().fit(report.text()));
    }
    json.write(terminal, report::write);
    if (csv.isPresent()) {
      Files.writeString(csv.get(), report.csv());
    }
    if (html.isPresent()) {
      Files.writeString(html.get(), new SimHtml(report).page());
    }
    return ExitCode.OK;
  }

  private SimTrace asked() {
    return requests.trace.map(file -> SimTrace.read(file, format))
        .orElseGet(() -> workload(requests.generate.orElseThrow()).trace());
  }

  private Workload workload(String text) {
    try {
      return Workload.of(text);
    } catch (IllegalArgumentException e) {
      throw usage("--generate: " + e.getMessage());
    }
  }

  private void check() {
    if (threads < 1 || below < 0 || capacities.stream().anyMatch(capacity -> capacity < 1)) {
      throw usage("--threads and --capacities are at least 1, and --below is not negative");
    }
    long most = capacities.stream().mapToLong(capacity -> capacity).max().orElse(0) + below;
    if (most > Sim.Setup.MOST_BLOCKS) {
      throw usage(
          "--capacities and --below are at most %s blocks together, not %s"
              .formatted(Numbers.count(Sim.Setup.MOST_BLOCKS), Numbers.count(most)));
    }
    if (load < 0 || loadBelow < 0 || compute.orElse(0.0) < 0) {
      throw usage("--compute, --load and --load-below are not negative");
    }
    if (!(writePrice >= 0 && writePrice <= 1)) {
      throw usage("--write-price is 0 to 1");
    }
    if (below > 0 && model == Sim.Model.PLAIN) {
      throw usage("--below: only the model 'store' has tiers");
    }
    checkNames();
    checkCompanions();
  }

  private void checkNames() {
    for (String name : policies) {
      if (Collections.frequency(policies, name) > 1) {
        throw usage("--policies: '%s' is named more than once".formatted(name));
      }
    }
  }

  /** What would count for nothing is refused. */
  private void checkCompanions() {
    if (below == 0) {
      for (String name : List.of("--write", "--promote", "--admit", "--write-price")) {
        refuse(name, "--below: there is no tier to write to");
      }
      refuse("--load-below", "--below: there is no tier to load from");
    }
    if (compute.isEmpty()) {
      refuse("--load", "--compute: times are estimated of both");
      refuse("--load-below", "--compute: times are estimated of both");
    }
    if (requests.trace.isEmpty()) {
      refuse("--format", "--trace: what is made up has no format");
    }
  }

  private void refuse(String option, String needed) {
    if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
      throw usage("%s needs %s".formatted(option, needed));
    }
  }

  private ParameterException usage(String complaint) {
    return new ParameterException(spec.commandLine(), complaint);
  }

  private SimReport report() {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    try (Plugins plugins = Plugins.in(config.plugins());
        Policies made = new Policies(config, plugins)) {
      Sim.Setup setup = setup(made);
      Sim sim = new Sim(asked(), made::create, setup);
      return new SimReport(sim, sim.run());
    }
  }

  private Sim.Setup setup(Policies made) {
    List<String> names = new ArrayList<>(policies);
    if (names.isEmpty()) {
      names.addAll(made.names());
      names.addAll(Belady.names());
    }
    names.stream()
        .filter(name -> !Belady.names().contains(name))
        .forEach(name -> made.create(name, Collections.min(capacities)));
    Optional<Edge> edge = below == 0
        ? Optional.empty()
        : Optional.of(new Edge("below", write, promote, admit, writePrice));
    return new Sim.Setup(
        names, capacities, model, below, edge,
        compute.map(each -> new SimCosts(each, load, loadBelow)), threads);
  }
}
