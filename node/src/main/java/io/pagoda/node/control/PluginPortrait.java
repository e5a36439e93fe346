package io.pagoda.node.control;

import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.plugin.Found;
import io.pagoda.core.plugin.Loaded;
import io.pagoda.core.plugin.PluginContent;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.plugin.Refused;
import io.pagoda.node.text.Table;
import io.pagoda.spi.Availability;
import java.util.List;

/**
 * What is known of one plugin, for people.
 *
 * @param plugins those that are known
 * @param settings what is said of them
 */
public record PluginPortrait(Plugins plugins, PluginSettings settings) {
  /** {@return lines: its name and version, where it is, what it provides, its jars} */
  public List<String> of(PluginContent content) {
    Table table = Table.ofTexts()
        .row("found in", content.place().toString())
        .row("compiled for", "io.pagoda.api " + content.api())
        .row("native code", settings.mayCallNative(content.id().name()) ? "may" : "may not");
    if (plugins.installed().contains(content.id())) {
      table.row("state", plugins.state(content.id()));
    }
    plugins.found()
        .stream()
        .filter(found -> found.where().equals(content.place().toString()))
        .forEach(found -> serving(table, found));
    content.modules()
        .forEach(part -> table.row("module", part.module().toString(), part.jar(), kind(part)));
    return (content.id() + "\n" + table).lines().toList();
  }

  private static String kind(PluginContent.Part part) {
    return part.automatic() ? "without a descriptor" : "";
  }

  private static void serving(Table table, Found found) {
    switch (found) {
      case Refused refused -> table.row("refused", refused.reason());
      case Loaded loaded -> loaded.offers()
          .forEach(
              offer -> table.row(
                  "provides", offer.contract() + " " + offer.type(), state(offer.availability())));
    }
  }

  /** {@return whether this machine can run something, and why not} */
  public static String state(Availability availability) {
    return switch (availability) {
      case Availability.Ready _ -> "ready";
      case Availability.Limited(String reason) -> "limited: " + reason;
      case Availability.Unavailable(String reason) -> "unavailable: " + reason;
    };
  }
}
