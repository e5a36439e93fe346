package io.pagoda.node;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.peer.PeerServer;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Opens a store that lends to peers, until standard input ends. */
@Command(name = "serve")
final class PeerServeCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();

  @Option(names = "--blocks", paramLabel = "N") private int blocks;

  PeerServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    try (var _ = OrderlyEnd.begin();
        Plugins plugins = Plugins.in(config.plugins());
        Deployment deployment = Deployment.open(config, plugins, StageTimes.NONE)) {
      PeerServer server = deployment.server()
          .orElseThrow(
              () -> new SettingsException(
                  "pagoda.peers.listen says nothing: set it to where peers are to ask, such as"
                      + " --set pagoda.peers.listen=10.0.0.1:7420"));
      new TrialBlocks(deployment.store(), deployment.graph().blockBytes()).put(blocks);
      PrintStream out = terminal.out();
      out.printf("lends at %s, until standard input ends%n", server.address());
      out.flush();
      StandardInput.awaitEnd();
      out.printf("lent %,d blocks; turned %,d peers away%n", server.lent(), server.refused());
    }
    return ExitCode.OK;
  }
}
