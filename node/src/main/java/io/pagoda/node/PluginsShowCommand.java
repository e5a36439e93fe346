package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.plugin.PluginContent;
import io.pagoda.core.plugin.PluginDirectory;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.control.PluginPortrait;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what is known of one plugin in the directory. */
@Command(name = "show")
final class PluginsShowCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private ControlOption control = new ControlOption();
  @Parameters(descriptionKey = "PLUGIN", paramLabel = "PLUGIN") private String plugin = "";

  PluginsShowCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (control.socketBut(store).isPresent()) {
      return control.ask(terminal, "show", plugin);
    }
    PluginSettings settings = PagodaConfig.load(store.file(), store.overrides()).plugins();
    PluginContent content = new PluginDirectory(settings.directory()).content(plugin);
    try (Plugins plugins = Plugins.in(settings)) {
      new PluginPortrait(plugins, settings).of(content).forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }
}
