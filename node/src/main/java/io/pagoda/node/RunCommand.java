package io.pagoda.node;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.deploy.HotPlugins;
import io.pagoda.core.deploy.PluginWatch;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.node.control.ControlSocket;
import io.pagoda.node.control.PluginControl;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Opens the store of a configuration and serves until it is told to end. */
@Command(name = "run")
final class RunCommand implements Callable<Integer> {
  /** How long a tier may take to end what it does. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private ControlOption control = new ControlOption();

  RunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    try (var _ = OrderlyEnd.begin();
        Plugins plugins = Plugins.in(config.plugins());
        Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE)) {
      var hot = new HotPlugins(plugins, deployment, PATIENCE);
      try (var _ = PluginWatch.begin(plugins, hot, config.plugins())) {
        serve(deployment, new PluginControl(plugins, hot, config.plugins()));
      }
    }
    return ExitCode.OK;
  }

  private void serve(Deployment deployment, PluginControl words) throws IOException {
    if (control.socket().isEmpty()) {
      serve(deployment);
      return;
    }
    try (var _ = ControlSocket.open(control.socket().get(), words::answer)) {
      serve(deployment);
    }
  }

  private void serve(Deployment deployment) {
    PrintStream out = terminal.out();
    out.printf("serves %s%n", deployment.graph().tiers().stream().map(TierNode::name).toList());
    deployment.server().ifPresent(server -> out.printf("lends at %s%n", server.address()));
    out.flush();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException _) {
      out.println("ends");
    }
  }
}
