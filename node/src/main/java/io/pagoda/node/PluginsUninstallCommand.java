package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.plugin.PluginDirectory;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes a plugin out of the directory of plugins. */
@Command(name = "uninstall")
final class PluginsUninstallCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private ControlOption control = new ControlOption();
  @Parameters(descriptionKey = "PLUGIN", paramLabel = "PLUGIN") private String plugin = "";

  PluginsUninstallCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (control.socketBut(store).isPresent()) {
      return control.ask(terminal, "uninstall", plugin);
    }
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    var directory = new PluginDirectory(config.plugins().directory());
    terminal.out().printf("uninstalled %s%n", directory.uninstall(plugin));
    return ExitCode.OK;
  }
}
