package io.pagoda.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.deploy.PeerExamination;
import io.pagoda.core.plugin.Examined;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.text.Table;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what of this machine matters to Pagoda, and what to do about what hinders it. */
@Command(name = "doctor")
final class DoctorCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String PEERS = "peers";

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private JsonOption json = new JsonOption();

  @Parameters(arity = "0..1", descriptionKey = "TOPIC", completionCandidates = Words.class,
      paramLabel = "TOPIC") private String which = ALL;

  /** The words that select topics. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      List<String> words = new ArrayList<>(known());
      words.add(ALL);
      return words.iterator();
    }
  }

  private static List<String> known() {
    List<String> words = new ArrayList<>(DoctorTopic.words());
    words.add(PEERS);
    return words;
  }

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    checkKnown();
    Map<String, List<Examined>> examined = examined();
    if (!json.takesStandardOutput()) {
      examined.forEach(this::print);
      terminal.out().flush();
    }
    json.write(terminal, generator -> write(generator, examined));
    return exitCode(examined);
  }

  private static int exitCode(Map<String, List<Examined>> examined) {
    boolean any = examined.entrySet()
        .stream()
        .filter(topic -> !topic.getKey().equals(PEERS) || !topic.getValue().isEmpty())
        .allMatch(topic -> anyAvailable(topic.getValue()));
    if (!any) {
      return ExitCode.CONFIGURATION;
    }
    boolean all = examined.getOrDefault(PEERS, List.of())
        .stream()
        .allMatch(one -> one.availability() instanceof Availability.Ready);
    return all ? ExitCode.OK : ExitCode.FAILED;
  }

  private void checkKnown() {
    if (!which.equals(ALL) && !known().contains(which)) {
      throw new ParameterException(
          spec.commandLine(), "no topic is called '%s'; there are %s and all"
              .formatted(which, String.join(", ", known())));
    }
  }

  private boolean asked(String word) {
    return which.equals(ALL) || which.equals(word);
  }

  private Map<String, List<Examined>> examined() {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    Map<String, List<Examined>> examined = new LinkedHashMap<>();
    try (Plugins plugins = Plugins.in(config.plugins())) {
      Section root = config.withDefaults(plugins.defaults()).settings();
      DoctorTopic.ALL.stream().filter(topic -> asked(topic.word())).forEach(topic -> {
        Section common = root.section(topic.section());
        examined.put(topic.word(), plugins.examine(topic.contract(), common::partOf));
      });
      if (asked(PEERS)) {
        List<Examined> peers = PeerExamination.of(config, plugins);
        if (!peers.isEmpty() || which.equals(PEERS)) {
          examined.put(PEERS, peers);
        }
      }
    }
    return examined;
  }

  private static boolean anyAvailable(List<Examined> all) {
    return all.stream().anyMatch(one -> !(one.availability() instanceof Availability.Unavailable));
  }

  private void print(String topic, List<Examined> all) {
    if (all.isEmpty()) {
      terminal.out()
          .println(
              topic.equals(PEERS)
                  ? "peers: the configuration names none, nor a connector or communicator"
                  : topic + ": no plugin knows of any; see pagoda plugins");
    }
    for (Examined one : all) {
      terminal.out().printf("%s, type %s: %s%n", topic, one.type(), state(one));
      terminal.out().println(table(one.findings()));
    }
  }

  private static String state(Examined one) {
    return switch (one.availability()) {
      case Availability.Ready _ -> "ready";
      case Availability.Limited(String reason) -> "limited: " + reason;
      case Availability.Unavailable(String reason) -> "Unavailable(" + reason + ")";
    };
  }

  private static Table table(List<Finding> findings) {
    Table table = Table.ofTexts();
    String subject = "";
    for (Finding finding : findings) {
      table.row(
          finding.subject().equals(subject) ? "" : finding.subject(), finding.hinders() ? "!" : "",
          finding.what(), finding.value());
      subject = finding.subject();
    }
    return table;
  }

  private static void write(JsonGenerator json, Map<String, List<Examined>> examined)
      throws IOException {
    json.writeStartObject();
    for (var topic : examined.entrySet()) {
      json.writeArrayFieldStart(topic.getKey());
      for (Examined one : topic.getValue()) {
        json.writeStartObject();
        json.writeStringField("type", one.type());
        json.writeStringField("state", state(one));
        json.writeArrayFieldStart("findings");
        for (Finding finding : one.findings()) {
          json.writeStartObject();
          json.writeStringField("subject", finding.subject());
          json.writeStringField("what", finding.what());
          json.writeStringField("value", finding.value());
          json.writeBooleanField("hinders", finding.hinders());
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
