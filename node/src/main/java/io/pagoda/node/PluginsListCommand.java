package io.pagoda.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConfigCheck;
import io.pagoda.core.deploy.MissingTier;
import io.pagoda.core.plugin.Found;
import io.pagoda.core.plugin.Loaded;
import io.pagoda.core.plugin.Offer;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.plugin.Refused;
import io.pagoda.node.text.Table;
import io.pagoda.spi.Availability;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists what was found, what it provides, and why something cannot run here. */
@Command(name = "list")
class PluginsListCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private JsonOption json = new JsonOption();
  @Mixin private ControlOption control = new ControlOption();

  PluginsListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    if (control.socket().isPresent()) {
      return control.ask(terminal, "list");
    }
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    List<Found> found;
    List<MissingTier> missing;
    try (Plugins plugins = Plugins.in(config.plugins())) {
      found = plugins.found();
      missing = store.none() ? List.of() : ConfigCheck.of(config, plugins).missing();
    }
    if (!json.takesStandardOutput()) {
      terminal.out().println(table(found));
      missing.forEach(tier -> terminal.out().println("  " + tier));
    }
    json.write(terminal, generator -> write(generator, found));
    return ExitCode.OK;
  }

  private static Table table(List<Found> found) {
    Table table = Table.ofTexts().row("PROVIDES", "TYPE", "PLUGIN", "FOUND IN", "STATE");
    for (Found plugin : found) {
      switch (plugin) {
        case Loaded loaded -> loaded.offers().forEach(offer -> row(table, loaded, offer));
        case Refused refused ->
          table.row("-", "-", "-", refused.where(), "refused: " + refused.reason());
      }
    }
    return table;
  }

  private static void row(Table table, Loaded plugin, Offer offer) {
    table.row(
        offer.contract().toString(), offer.type(), plugin.id().toString(), plugin.where(),
        state(offer.availability()));
  }

  /** {@return whether this machine can run something, and why not} */
  static String state(Availability availability) {
    return switch (availability) {
      case Availability.Ready _ -> "ready";
      case Availability.Limited(String reason) -> "limited: " + reason;
      case Availability.Unavailable(String reason) -> "unavailable: " + reason;
    };
  }

  private static void write(JsonGenerator json, List<Found> found) throws IOException {
    json.writeStartArray();
    for (Found plugin : found) {
      json.writeStartObject();
      json.writeStringField("where", plugin.where());
      switch (plugin) {
        case Loaded loaded -> write(json, loaded);
        case Refused refused -> json.writeStringField("refused", refused.reason());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, Loaded plugin) throws IOException {
    json.writeStringField("plugin", plugin.id().toString());
    json.writeArrayFieldStart("provides");
    for (Offer offer : plugin.offers()) {
      json.writeStartObject();
      json.writeStringField("contract", offer.contract().toString());
      json.writeStringField("type", offer.type());
      availability(json, offer.availability());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void availability(JsonGenerator json, Availability availability)
      throws IOException {
    switch (availability) {
      case Availability.Ready _ -> json.writeStringField("availability", "ready");
      case Availability.Limited(String reason) -> because(json, "limited", reason);
      case Availability.Unavailable(String reason) -> because(json, "unavailable", reason);
    }
  }

  private static void because(JsonGenerator json, String word, String reason) throws IOException {
    json.writeStringField("availability", word);
    json.writeStringField("reason", reason);
  }
}
