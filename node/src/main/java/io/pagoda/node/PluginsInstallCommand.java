package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.plugin.PluginContent;
import io.pagoda.core.plugin.PluginDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Puts a plugin into the directory of plugins. */
@Command(name = "install")
final class PluginsInstallCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private ControlOption control = new ControlOption();
  @Parameters(descriptionKey = "FROM", paramLabel = "FROM") private Path from = Path.of("");

  PluginsInstallCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (control.socketBut(store).isPresent()) {
      return control.ask(terminal, "install", from.toAbsolutePath().toString());
    }
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    PluginContent plugin = new PluginDirectory(config.plugins().directory()).install(from);
    terminal.out().printf("installed %s in %s%n", plugin.id(), plugin.place());
    return ExitCode.OK;
  }
}
