package io.pagoda.node;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.attach.EngineSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Serves an engine that has started this process, over standard input and output. */
@Command(name = "attach")
final class AttachCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();

  AttachCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    try (var _ = OrderlyEnd.begin();
        Plugins plugins = Plugins.in(config.plugins());
        Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE);
        var session = new EngineSession(deployment.cache(), deployment.devices())) {
      session.serve(
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
          terminal.out());
    }
    return ExitCode.OK;
  }
}
