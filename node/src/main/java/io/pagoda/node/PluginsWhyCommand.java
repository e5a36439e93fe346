package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.control.PluginReasons;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells why a type, or what a plugin provides, can be had here, or why not. */
@Command(name = "why")
final class PluginsWhyCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private ControlOption control = new ControlOption();
  @Parameters(descriptionKey = "WHAT", paramLabel = "WHAT") private String what = "";

  PluginsWhyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (control.socketBut(store).isPresent()) {
      return control.ask(terminal, "why", what);
    }
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    try (Plugins plugins = Plugins.in(config.plugins())) {
      var reasons = new PluginReasons(plugins, what);
      reasons.lines().forEach(terminal.out()::println);
      return reasons.all() ? ExitCode.OK : ExitCode.CONFIGURATION;
    }
  }
}
