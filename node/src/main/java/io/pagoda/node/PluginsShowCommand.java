package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.plugin.Found;
import io.pagoda.core.plugin.Loaded;
import io.pagoda.core.plugin.PluginContent;
import io.pagoda.core.plugin.PluginDirectory;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.plugin.Refused;
import io.pagoda.node.text.Table;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what is known of one plugin in the directory. */
@Command(name = "show")
final class PluginsShowCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Parameters(descriptionKey = "PLUGIN", paramLabel = "PLUGIN") private String plugin = "";

  PluginsShowCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PluginSettings settings = PagodaConfig.load(store.file(), store.overrides()).plugins();
    PluginContent content = new PluginDirectory(settings.directory()).content(plugin);
    terminal.out().println(content.id());
    Table table = Table.ofTexts()
        .row("found in", content.place().toString())
        .row("compiled for", "io.pagoda.api " + content.api())
        .row("native code", settings.mayCallNative(content.id().name()) ? "may" : "may not");
    try (Plugins plugins = Plugins.in(settings)) {
      plugins.found()
          .stream()
          .filter(found -> found.where().equals(content.place().toString()))
          .forEach(found -> serving(table, found));
    }
    content.modules()
        .forEach(part -> table.row("module", part.module().toString(), part.jar(), kind(part)));
    terminal.out().println(table);
    return ExitCode.OK;
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
                  "provides", offer.contract() + " " + offer.type(),
                  PluginsListCommand.state(offer.availability())));
    }
  }
}
