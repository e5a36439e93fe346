package io.pagoda.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.core.config.Complaint;
import io.pagoda.core.config.ConfigEntry;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConfigCheck;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.text.Table;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what every key is set to, and by whom, or checks it all. */
@Command(name = "config")
final class ConfigCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--check") private boolean checking;

  ConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    PagodaConfig written = PagodaConfig.load(store.file(), store.overrides());
    try (Plugins plugins = Plugins.in(written.plugins())) {
      PagodaConfig config = written.withDefaults(plugins.defaults());
      ConfigCheck check = ConfigCheck.of(config, plugins);
      return checking ? report(check) : list(check, config);
    }
  }

  private int report(ConfigCheck check) throws IOException {
    tell(check.complaints());
    ConfigCheckReport report = new ConfigCheckReport(check);
    if (check.passed() && !json.takesStandardOutput()) {
      terminal.out().println(report.text());
    }
    json.write(terminal, report::write);
    return check.passed() ? ExitCode.OK : ExitCode.CONFIGURATION;
  }

  private int list(ConfigCheck check, PagodaConfig config) throws IOException {
    List<Complaint> unknown = check.complaints().stream().filter(Complaint::unknownKey).toList();
    if (!unknown.isEmpty()) {
      tell(unknown);
      return ExitCode.CONFIGURATION;
    }
    List<ConfigEntry> entries = config.entries();
    if (!json.takesStandardOutput()) {
      terminal.out().println(table(entries));
    }
    json.write(terminal, generator -> write(generator, entries));
    return ExitCode.OK;
  }

  private void tell(List<Complaint> complaints) {
    complaints.forEach(complaint -> terminal.err().println("pagoda: " + complaint.message()));
  }

  private static Table table(List<ConfigEntry> entries) {
    Table table = Table.ofTexts();
    entries.forEach(entry -> table.row(entry.key() + " = " + entry.value(), entry.origin()));
    return table;
  }

  private static void write(JsonGenerator json, List<ConfigEntry> entries) throws IOException {
    json.writeStartArray();
    for (ConfigEntry entry : entries) {
      json.writeStartObject();
      json.writeStringField("key", entry.key());
      json.writeStringField("value", entry.value());
      json.writeStringField("origin", entry.origin());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
