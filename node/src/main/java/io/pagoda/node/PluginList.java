package io.pagoda.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConfigCheck;
import io.pagoda.core.deploy.MissingTier;
import io.pagoda.core.plugin.Found;
import io.pagoda.core.plugin.Loaded;
import io.pagoda.core.plugin.Offer;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.plugin.Refused;
import io.pagoda.node.control.PluginPortrait;
import io.pagoda.node.text.Table;
import io.pagoda.spi.Availability;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What was found, what it provides, and why something cannot run here.
 *
 * @param found the plugins
 * @param missing the optional tiers of a store that this machine lacks
 */
record PluginList(List<Found> found, List<MissingTier> missing) {
  /**
   * Looks.
   *
   * @param config says where
   * @param store whether it says anything of a store
   */
  static PluginList of(PagodaConfig config, boolean store) {
    try (Plugins plugins = Plugins.toList(config.plugins())) {
      return new PluginList(
          plugins.found(), store ? ConfigCheck.of(config, plugins).missing() : List.of());
    }
  }

  /** {@return what is there when nothing is configured} */
  static PluginList plain() {
    return of(PagodaConfig.load(Optional.empty(), Overrides.NONE), false);
  }

  void print(Terminal terminal) {
    terminal.out().println(table(found));
    missing.forEach(tier -> terminal.out().println("  " + tier));
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
        PluginPortrait.state(offer.availability()));
  }

  void write(JsonGenerator json) throws IOException {
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
