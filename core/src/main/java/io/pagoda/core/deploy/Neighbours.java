package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.Engine;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.peer.PeerHost;
import io.pagoda.core.peer.PeerServer;
import io.pagoda.core.peer.PeerSettings;
import io.pagoda.core.peer.PeerShape;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Host;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportProvider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** What a store has to reach other stores by, opened when it is needed first. */
final class Neighbours {
  private static final Logger LOG = System.getLogger(Neighbours.class.getPackageName());

  private final Blueprint blueprint;
  private final Plugins plugins;
  private final Owned owned;
  private final List<Transport> transports = new ArrayList<>();

  /**
   * Opens nothing.
   *
   * @param owned takes what is opened
   */
  Neighbours(Blueprint blueprint, Plugins plugins, Owned owned) {
    this.blueprint = blueprint;
    this.plugins = plugins;
    this.owned = owned;
  }

  /** Opens the transports if peers may ask: they are closed after the store. */
  void openIfServing() {
    if (settings().listen().isPresent()) {
      var _ = transports();
    }
  }

  /** {@return who lends the blocks of a store, if the configuration says where} */
  Optional<PeerServer> serve(Engine store, TierGraph graph) {
    PeerSettings settings = settings();
    return settings.listen()
        .map(
            _ -> owned.own(
                PeerServer
                    .open(settings, shape(graph), store.lender(settings.share()), transports())));
  }

  /** {@return the transports that were opened} */
  List<Transport> opened() {
    return List.copyOf(transports);
  }

  private PeerShape shape(TierGraph graph) {
    ModelSettings model = blueprint.model().orElseThrow();
    SealShape shape = graph.sections().sealShape();
    return new PeerShape(
        model.name(), model.tokensPerBlock(), graph.blockBytes(), shape.checksums(),
        shape.layout());
  }

  private PeerSettings settings() {
    return blueprint.peers().orElseThrow();
  }

  /** {@return what a tier of peers is lent} */
  PeerHost host(Host host) {
    ModelSettings model = blueprint.model().orElseThrow();
    return new NeighbourHost(host, transports(), settings(), model.name(), model.tokensPerBlock());
  }

  private record NeighbourHost(
      Host host, List<Transport> transports, PeerSettings peers, String model,
      int tokensPerBlock) implements PeerHost {
    @Override
    public String name() {
      return host.name();
    }

    @Override
    public long blockBytes() {
      return host.blockBytes();
    }

    @Override
    public Executor blocking() {
      return host.blocking();
    }
  }

  private List<Transport> transports() {
    if (transports.isEmpty()) {
      List<String> missing = new ArrayList<>();
      for (String type : blueprint.root().strings("transports")) {
        Optional<String> absence = plugins.absence(TransportProvider.class, type, where());
        absence.ifPresentOrElse(missing::add, () -> transports.add(transport(type)));
      }
      missing.forEach(why -> LOG.log(Level.INFO, "A transport to peers is missing: {0}", why));
      if (transports.isEmpty()) {
        throw new PagodaException(
            Fault.PERMANENT,
            "No transport to peers can be had: %s".formatted(String.join("; ", missing)));
      }
    }
    return transports;
  }

  private Transport transport(String type) {
    return owned
        .own(OpenTransport.open(blueprint.root(), plugins, type, settings().name(), where()))
        .transport();
  }

  private String where() {
    String origin = blueprint.root().origin("transports");
    return "pagoda.transports at " + origin.substring(0, origin.lastIndexOf(": "));
  }
}
