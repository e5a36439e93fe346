package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import java.io.IOException;
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
    if (control.socketBut(store).isPresent()) {
      json.refuse("a node that runs answers in lines");
      return control.ask(terminal, "list");
    }
    PluginList list =
        PluginList.of(PagodaConfig.load(store.file(), store.overrides()), !store.none());
    if (!json.takesStandardOutput()) {
      list.print(terminal);
    }
    json.write(terminal, list::write);
    return ExitCode.OK;
  }
}
