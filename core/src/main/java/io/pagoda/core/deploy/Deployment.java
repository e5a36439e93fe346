package io.pagoda.core.deploy;

import io.pagoda.BlockStore;
import io.pagoda.Fault;
import io.pagoda.KvCache;
import io.pagoda.PagodaException;
import io.pagoda.core.Drained;
import io.pagoda.core.Engine;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.door.Doors;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.peer.PeerServer;
import io.pagoda.core.peer.PeerTrial;
import io.pagoda.core.peer.Peers;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.trace.TraceHeader;
import io.pagoda.core.trace.TracingStore;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.transport.Transport;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A store that runs as a configuration says, on parts that plugins bring.
 *
 * <p><b>Threads.</b> Opened and closed by one thread at a time.
 *
 * <p><b>Memory.</b> It owns its tiers and all that they hold.
 *
 * <p><b>Failures.</b> What was opened before a failure is closed again.
 */
public final class Deployment implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Deployment.class.getPackageName());

  private final Owned owned;
  private final ModelSettings model;
  private final List<MissingTier> missing;
  private final List<Quota> quotas;
  private final TierGraph graph;
  private final List<Device> devices;
  private final Optional<PeerServer> server;
  private final List<Transport> transports;
  private final Engine engine;
  private final Map<String, TierPlace> places;
  private final BlockStore store;
  private final Doors doors;
  private final Optional<KvCache> cache;

  private Deployment(
      Owned owned, Blueprint blueprint, TierGraph graph, List<Device> devices, Engine engine,
      BlockStore store, Optional<PeerServer> server, List<Transport> transports,
      Map<String, TierPlace> places) {
    this.engine = engine;
    this.places = places;
    this.server = server;
    this.transports = transports;
    this.devices = devices;
    this.owned = owned;
    this.model = blueprint.model().orElseThrow();
    this.missing = blueprint.missing();
    this.quotas = blueprint.engine().orElseThrow().quotas();
    this.graph = graph;
    this.store = store;
    this.doors = new Doors(store);
    this.cache = model.spec().map(spec -> owned.own(doors.open(spec)));
  }

  /**
   * Opens a store.
   *
   * @param config what the operator asks for; the plugins' defaults are put beneath it
   * @param plugins who can open it; they must be closed after the deployment
   * @param times told how long each stage took
   * @throws io.pagoda.spi.SettingsException if a setting is absent, unknown, malformed or out of
   *     range
   * @throws io.pagoda.core.plugin.PluginException if no plugin provides a part, or this machine
   *     cannot run it
   * @throws io.pagoda.PagodaException if a part cannot be opened
   */
  public static Deployment open(PagodaConfig config, Plugins plugins, StageTimes times) {
    Supplier<Section> now = () -> config.withDefaults(plugins.defaults()).settings();
    return open(Blueprint.read(now.get(), plugins), now, plugins, times);
  }

  private static Deployment open(
      Blueprint blueprint, Supplier<Section> now, Plugins plugins, StageTimes times) {
    blueprint.missing().forEach(tier -> LOG.log(Level.INFO, tier));
    Owned owned = new Owned();
    try {
      Neighbours neighbours = new Neighbours(blueprint, plugins, owned);
      neighbours.openIfServing();
      Map<String, TierPlace> places = new ConcurrentHashMap<>();
      Assembly assembly = new Assembly(blueprint, plugins, owned, neighbours, places, now);
      TierGraph graph = assembly.graph();
      List<Device> devices = assembly.devices();
      Engine store =
          owned.own(Engine.open(graph, devices, blueprint.engine().orElseThrow(), times));
      Optional<PeerServer> server = neighbours.serve(store, graph);
      return new Deployment(
          owned, blueprint, graph, devices, store, traced(store, blueprint, graph, owned), server,
          neighbours.opened(), places);
    } catch (Throwable failure) {
      closeAfter(failure, owned);
      throw failure;
    }
  }

  /**
   * Opens a small store of no other tiers than host memory and peers, which lends to nobody, to try
   * the peers of a configuration by hand beside a store that runs on it.
   *
   * @param config as for {@link #open}
   * @param plugins who can open it
   * @param blocks how many host memory has room for
   */
  public static Deployment openForPeers(PagodaConfig config, Plugins plugins, int blocks) {
    Supplier<Section> now = () -> config.withDefaults(plugins.defaults()).settings();
    Blueprint blueprint = Blueprint.read(now.get(), plugins).ofPeers(blocks);
    return open(blueprint, now, plugins, StageTimes.NONE);
  }

  private static BlockStore traced(
      BlockStore store, Blueprint blueprint, TierGraph graph, Owned owned) {
    if (blueprint.trace().isEmpty()) {
      return store;
    }
    ModelSettings model = blueprint.model().orElseThrow();
    TraceHeader header = new TraceHeader(
        model.name(), model.tokensPerBlock(), graph,
        blueprint.tiers().stream().map(TierPlan::type).toList(),
        blueprint.tiers().stream().map(TierPlan::policy).toList(),
        blueprint.engine().orElseThrow());
    return owned.own(TracingStore.open(store, blueprint.trace().get(), header));
  }

  private static void closeAfter(Throwable failure, Owned owned) {
    try {
      owned.close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** {@return the store} */
  public BlockStore store() {
    return store;
  }

  /** {@return the doors to the store; whoever opens one for another model closes it} */
  public Doors doors() {
    return doors;
  }

  /**
   * {@return the model's cache, closed with the deployment}
   *
   * @throws IllegalStateException if the configuration does not tell the model's geometry
   */
  public KvCache cache() {
    return cache.orElseThrow(
        () -> new IllegalStateException(
            ("The configuration tells of model '%s' no layers, and a cache by tokens needs them: "
                + "give model.layers, kv-heads and head-size, or model.preset, or model.from")
                .formatted(model.name())));
  }

  /** {@return the model whose KV cache it keeps} */
  public ModelSettings model() {
    return model;
  }

  /** {@return the optional tiers that this machine lacks, and that are left out} */
  public List<MissingTier> missing() {
    return missing;
  }

  /** {@return what namespaces may keep} */
  public List<Quota> quotas() {
    return quotas;
  }

  /** {@return who lends this store's blocks to others, if the configuration says where} */
  public Optional<PeerServer> server() {
    return server;
  }

  /** {@return the peers that it may ask} */
  public List<PeerTrial> peers() {
    return graph.tiers()
        .stream()
        .flatMap(node -> node.tier().ability(Peers.class).stream())
        .flatMap(peers -> peers.trials().stream())
        .toList();
  }

  /** {@return by what it reaches its peers, and they it} */
  public List<Transport> transports() {
    return transports;
  }

  /** {@return the devices whose memory pools may be in} */
  public List<Device> devices() {
    return devices;
  }

  /**
   * Has a tier be given no more blocks, and its blocks go to the next tier, if one takes them.
   *
   * @param tier what the configuration calls it
   * @return completes when each was moved, or could not be, with how many were not
   * @throws IllegalArgumentException as {@link #detach}
   */
  public CompletionStage<Drained> drain(String tier) {
    return engine.seats().drain(tier);
  }

  /** Ends a {@link #drain}: the tier is given blocks again. */
  public void keep(String tier) {
    engine.seats().keep(tier);
  }

  /**
   * Takes a tier out while the store serves. Its blocks are forgotten; who waits for one gets a
   * shorter prefix. Those that outlive the process come back with it.
   *
   * @param tier what the configuration calls it
   * @return completes when the tier is closed and its plugin is not used for it any more
   * @throws IllegalArgumentException if there is none of this name, or it stays as long as the
   *     store
   */
  public CompletionStage<Void> detach(String tier) {
    return engine.seats()
        .vacate(tier)
        .thenAcceptAsync(
            _ -> Objects.requireNonNull(places.get(tier)).close(), Thread::startVirtualThread);
  }

  /**
   * Puts a tier in again that was taken out, opened by the plugin that provides it now: one as
   * large as the first, with the blocks that it brings.
   *
   * @param tier what the configuration calls it
   * @throws PagodaException if it cannot be had, or is not as its place needs it
   */
  public void attach(String tier) {
    TierPlace place = places.get(tier);
    if (place == null) {
      throw new PagodaException(
          Fault.PERMANENT, "no tier called '%s' was taken out; those that may be are %s"
              .formatted(tier, places.keySet()));
    }
    StorageTier opened = place.openAgain();
    try {
      engine.seats().occupy(tier, opened);
    } catch (RuntimeException | Error e) {
      place.close();
      throw e;
    }
  }

  /** {@return whether a plugin that serves now can open a tier that may be taken out} */
  boolean provided(String tier) {
    TierPlace place = places.get(tier);
    return place != null && place.provided();
  }

  /** {@return the tiers that may be taken out, and by which plugin each was opened that is in} */
  Map<String, Optional<PluginId>> changeable() {
    Map<String, Optional<PluginId>> changeable = new TreeMap<>();
    places.forEach((name, place) -> changeable.put(name, place.plugin()));
    return changeable;
  }

  /** {@return its tiers, hottest first, and the roads between them} */
  public TierGraph graph() {
    return graph;
  }

  /** Closes the store and all of its parts; a second call does nothing. */
  @Override
  public void close() {
    owned.close();
  }
}
