package io.pagoda.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.core.config.ConfigEntry;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.text.Table;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints what every key is set to, and by whom. */
@Command(name = "config")
final class ConfigCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private JsonOption json = new JsonOption();

  ConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    List<ConfigEntry> entries = entries();
    if (!json.takesStandardOutput()) {
      terminal.out().println(table(entries));
    }
    json.write(terminal, generator -> write(generator, entries));
    return ExitCode.OK;
  }

  private List<ConfigEntry> entries() {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    try (Plugins plugins = Plugins.in(config.pluginsDirectory())) {
      return config.withDefaults(plugins.defaults()).entries();
    }
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
