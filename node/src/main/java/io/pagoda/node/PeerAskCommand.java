package io.pagoda.node;

import io.pagoda.BlockKeys;
import io.pagoda.ByteSize;
import io.pagoda.PagodaException;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.peer.PeerTrial;
import io.pagoda.core.plugin.Plugins;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks peers: whether they are there, how long an answer takes, how fast blocks come. */
@Command(name = "ask")
final class PeerAskCommand implements Callable<Integer> {
  private static final int PINGS = 200;

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions store = new StoreOptions();

  @Parameters(arity = "0..1", descriptionKey = "NODE",
      paramLabel = "NODE") private Optional<String> node = Optional.empty();

  @Option(names = "--reads", paramLabel = "N") private int reads = 16;

  PeerAskCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (reads < 0 || reads > 64) {
      throw new ParameterException(spec.commandLine(), "--reads is 0 to 64");
    }
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    int room = (reads + 1) * TrialBlocks.BATCH;
    try (var _ = OrderlyEnd.begin();
        Plugins plugins = Plugins.in(config.plugins());
        Deployment deployment = Deployment.openForPeers(config, plugins, room)) {
      boolean well = true;
      for (PeerTrial peer : chosen(deployment.peers())) {
        well &= asked(peer, deployment);
      }
      terminal.out().flush();
      return well ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  private List<PeerTrial> chosen(List<PeerTrial> peers) {
    List<PeerTrial> chosen =
        peers.stream().filter(peer -> node.isEmpty() || node.get().equals(peer.name())).toList();
    if (chosen.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no peer is called '%s'; there are %s"
              .formatted(node.orElse(""), peers.stream().map(PeerTrial::name).toList()));
    }
    return chosen;
  }

  private boolean asked(PeerTrial peer, Deployment deployment) {
    terminal.out().println(peer);
    try {
      if (!peer.trouble().isEmpty()) {
        terminal.out().println("  not there: " + peer.trouble());
        return false;
      }
      terminal.out().printf("  calls itself  %s%n", peer.ownName());
      terminal.out().printf("  bytes come by %s%n", peer.path());
      terminal.out().printf("  round trip    %s%n", pings(peer));
      terminal.out().printf("  reads         %s%n", reads(peer, deployment));
      return true;
    } catch (PagodaException e) {
      terminal.out().println("  lost: " + e.getMessage());
      return false;
    }
  }

  private static String pings(PeerTrial peer) {
    long[] nanos = new long[PINGS];
    Arrays.setAll(nanos, _ -> peer.ping());
    Arrays.sort(nanos);
    return "p50 %.0f µs, p99 %.0f µs, of %d"
        .formatted(nanos[PINGS / 2] / 1e3, nanos[PINGS * 99 / 100] / 1e3, PINGS);
  }

  private String reads(PeerTrial peer, Deployment deployment) {
    BlockKeys keys = peer.sample(reads * TrialBlocks.BATCH);
    if (keys.size() == 0) {
      return "none: it has no block in host memory, or no read was asked for";
    }
    TrialBlocks blocks = new TrialBlocks(deployment.store(), deployment.graph().blockBytes());
    int came = 0;
    long slowest = 0;
    long start = System.nanoTime();
    for (int from = 0; from < keys.size(); from += TrialBlocks.BATCH) {
      long begun = System.nanoTime();
      came += blocks.read(keys.range(from, Math.min(keys.size(), from + TrialBlocks.BATCH)));
      slowest = Math.max(slowest, System.nanoTime() - begun);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return "%d of %d blocks of %s came, each verified, %d at a time: %.2f GB/s, slowest %.1f ms"
        .formatted(
            came, keys.size(), new ByteSize(blocks.blockBytes()), TrialBlocks.BATCH,
            came * blocks.blockBytes() / seconds / 1e9, slowest / 1e6);
  }
}
