package io.pagoda.core.deploy;

import io.pagoda.ByteSize;
import io.pagoda.ModelSpec;
import io.pagoda.core.EngineSettings;
import io.pagoda.core.config.Complaints;
import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.config.Section;
import io.pagoda.core.graph.Care;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.Reach;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.peer.PeerSettings;
import io.pagoda.core.peer.PeerTierProvider;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.trace.TraceSettings;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.device.DeviceProvider;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.transport.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All of a configuration but what belongs to plugins, read and checked before anything is opened.
 * Where mistakes are collected, what they leave unread is absent.
 *
 * @param root everything
 * @param model whose KV cache it is
 * @param blockBytes bytes of every block
 * @param tiers those that this machine has, hottest first
 * @param missing those that it may lack, and does
 * @param devices whose memory callers may have theirs in
 * @param roads how blocks move between them
 * @param engine how the engine behaves
 * @param layerSections into how many sections a block of known geometry is cut
 * @param trace where the request trace goes, if there is one
 * @param peers how the store behaves towards other stores
 */
record Blueprint(
    Section root, Optional<ModelSettings> model, Optional<Long> blockBytes, List<TierPlan> tiers,
    List<MissingTier> missing, List<DevicePlan> devices, Optional<Roads> roads,
    Optional<EngineSettings> engine, int layerSections, Optional<TraceSettings> trace,
    Optional<PeerSettings> peers) {

  /** How many sections a block may have: each costs 4 bytes of index for every block. */
  private static final int MAX_SECTIONS = 256;

  /** Copies the lists. */
  Blueprint {
    tiers = List.copyOf(tiers);
    missing = List.copyOf(missing);
    devices = List.copyOf(devices);
  }

  static Blueprint read(Section root, Plugins plugins) {
    Complaints complaints = root.complaints();
    Section model = root.section("model");
    complaints.attempt(() -> PluginSettings.from(root.section("plugins")));
    Optional<ModelSettings> told =
        complaints.attempt(() -> checked(root, "model", () -> ModelSettings.from(model)));
    var spec = told.flatMap(ModelSettings::spec);
    Optional<Long> blockBytes = complaints.attempt(() -> blockBytes(root, spec));
    List<TierPlan> tiers = complaints.attempt(() -> tiers(root, plugins)).orElse(List.of());
    List<TierPlan> present = new ArrayList<>();
    List<MissingTier> missing = new ArrayList<>();
    tiers.forEach(
        tier -> MissingTier.of(tier, plugins)
            .ifPresentOrElse(missing::add, () -> present.add(tier)));
    knowTypes(root, plugins, missing);
    List<DevicePlan> devices = devices(root);
    var roads = complaints.attempt(() -> Roads.from(root.section("graph")));
    List<Quota> quotas =
        complaints.attempt(() -> Quotas.read(root, blockBytes.orElse(1L))).orElse(List.of());
    var engine = complaints
        .attempt(() -> checked(root, "engine", () -> engine(root.section("engine")).with(quotas)))
        .flatMap(known -> complaints.attempt(() -> known.with(reach(root, told))));
    engine.ifPresent(
        known -> present.forEach(tier -> complaints.attempt(() -> checkPatience(tier, known))));
    int layerSections = layerSections(root.section("engine"));
    Optional<Optional<TraceSettings>> trace =
        complaints.attempt(() -> checked(root, "trace", () -> trace(root.section("trace"))));
    Optional<PeerSettings> peers = complaints
        .attempt(() -> checked(root, "peers", () -> PeerSection.read(root.section("peers"))));
    root.refuseUnknown();
    return new Blueprint(
        root, told, blockBytes, present, missing, devices, roads, engine, layerSections,
        trace.flatMap(known -> known), peers);
  }

  private static Optional<TraceSettings> trace(Section trace) {
    ByteSize rotateSize = trace.bytes("rotate-size");
    int files = trace.integer("files");
    Duration flush = trace.duration("flush");
    return trace.string("file").isEmpty()
        ? Optional.empty()
        : Optional.of(new TraceSettings(trace.path("file"), rotateSize, files, flush));
  }

  private static int layerSections(Section engine) {
    int sections = engine.integer("layer-sections");
    if (sections < 1 || sections > MAX_SECTIONS) {
      engine.complaints()
          .add(
              new SettingsException(
                  "%s: a block has 1 to %d sections, not %d"
                      .formatted(engine.origin("layer-sections"), MAX_SECTIONS, sections)));
    }
    return sections;
  }

  /**
   * Returns what blocks are made of: sections by layers where the geometry is known, of whole pages
   * of {@code unit} bytes.
   */
  Sections sections(int unit) {
    return model.flatMap(ModelSettings::spec)
        .map(spec -> Sections.of(spec, layerSections, unit))
        .orElseGet(() -> Sections.whole(blockBytes.orElseThrow()));
  }

  /** {@return what the tiers below the first are called, in their order} */
  List<String> colder() {
    return tiers.stream().skip(1).map(TierPlan::name).toList();
  }

  /** {@return what the tiers are called that this machine lacks} */
  List<String> missingNames() {
    return missing.stream().map(MissingTier::name).toList();
  }

  /** {@return the same of host memory and peers alone, lending to nobody, to try peers by hand} */
  Blueprint ofPeers(int blocks) {
    List<TierPlan> few = new ArrayList<>();
    List<MissingTier> others = new ArrayList<>(missing);
    for (TierPlan tier : tiers) {
      if (tier.first()) {
        few.add(tier.of(blocks));
      } else if (tier.type().equals(PeerTierProvider.TYPE)) {
        few.add(tier);
      } else {
        others.add(new MissingTier(tier.name(), tier.type(), tier.where(), "peers are tried"));
      }
    }
    if (few.size() < 2) {
      throw new SettingsException(
          root.origin("tiers") + " has no tier of type peer: there is nobody to try");
    }
    return new Blueprint(
        root, model, blockBytes, few, others, List.of(), roads, engine, layerSections,
        Optional.empty(), peers.map(PeerSettings::lendingToNobody));
  }

  /** {@return what those of them are called to which nothing is written} */
  Set<String> read() {
    return tiers.stream()
        .filter(tier -> tier.type().equals(PeerTierProvider.TYPE))
        .map(TierPlan::name)
        .collect(Collectors.toSet());
  }

  private static void knowTypes(Section root, Plugins plugins, List<MissingTier> missing) {
    Section tier = root.section("tier");
    Stream
        .concat(plugins.types(TierProvider.class).stream(), missing.stream().map(MissingTier::type))
        .forEach(tier::has);
    plugins.types(DeviceProvider.class).forEach(root.section("device")::has);
    Stream.concat(plugins.types(TransportProvider.class).stream(), transports(root))
        .forEach(root.section("transport")::has);
    plugins.types(EvictionPolicyProvider.class).forEach(root.section("eviction")::has);
  }

  /** {@return the types of the transports that are wanted, which this machine may lack} */
  private static Stream<String> transports(Section root) {
    return Stream.of(root, root.section("communicator"))
        .map(user -> root.complaints().attempt(() -> user.strings("transports")))
        .flatMap(types -> types.orElse(List.of()).stream());
  }

  private static long blockBytes(Section root, Optional<ModelSpec> spec) {
    ByteSize size = root.bytes("block-bytes");
    if (size.bytes() == 0) {
      throw new SettingsException(root.origin("block-bytes") + " must be more than 0 bytes");
    }
    long derived = spec.map(ModelSpec::blockBytes).orElse(size.bytes());
    if (derived != size.bytes() && root.isWritten("block-bytes")) {
      SettingsException differs = new SettingsException(
          "%s is %d bytes, but blocks of %d tokens of %s have %d bytes (%s): leave it out"
              .formatted(
                  root.origin("block-bytes"), size.bytes(), spec.orElseThrow().tokensPerBlock(),
                  root.origin("model"), derived, new ByteSize(derived)));
      root.complaints().add(differs);
    }
    return derived;
  }

  private static EngineSettings engine(Section engine) {
    return new EngineSettings(
        engine.duration("pin-timeout"), engine.duration("job-timeout"),
        engine.integer("copy-threads")).with(
            new Care(
                engine.duration("tier-timeout"), engine.integer("tier-failures"),
                engine.bytes("scrub").bytes()));
  }

  private static Reach reach(Section root, Optional<ModelSettings> model) {
    return new Reach(
        root.section("engine").duration("look-up"),
        model.map(known -> recompute(root.section("graph"), known)).orElse(Duration.ZERO));
  }

  /** {@return how long the tokens of a block take to compute; zero if nobody says} */
  private static Duration recompute(Section graph, ModelSettings model) {
    String key = "recompute-tokens-per-second";
    if (!graph.has(key)) {
      return Duration.ZERO;
    }
    double rate = graph.number(key);
    if (!(rate > 0)) {
      throw new SettingsException(
          "%s: a model computes more than 0 tokens per second, not %s"
              .formatted(graph.origin(key), rate));
    }
    return Duration.ofNanos((long) (1e9 * model.tokensPerBlock() / rate));
  }

  /** A tier that answers later than that is taken to hang, and never asked again. */
  private static void checkPatience(TierPlan tier, EngineSettings engine) {
    if (!tier.type().equals(PeerTierProvider.TYPE)) {
      return;
    }
    Duration deadline = tier.settings().duration("deadline");
    Duration timeout = engine.care().timeout();
    if (deadline.compareTo(timeout) >= 0) {
      throw new SettingsException(
          ("%s must be less than engine.tier-timeout, not %s and %s: one slow peer would be taken"
              + " for a tier that hangs, and no peer asked any more")
              .formatted(tier.settings().origin("deadline"), deadline, timeout));
    }
  }

  private static List<DevicePlan> devices(Section root) {
    Complaints complaints = root.complaints();
    return root.elements("devices")
        .stream()
        .flatMap(device -> complaints.attempt(() -> DevicePlan.read(root, device)).stream())
        .toList();
  }

  private static List<TierPlan> tiers(Section root, Plugins plugins) {
    Complaints complaints = root.complaints();
    String standard = Policies.standard(plugins);
    List<TierPlan> tiers = root.elements("tiers")
        .stream()
        .flatMap(tier -> complaints.attempt(() -> TierPlan.read(root, tier, standard)).stream())
        .toList();
    refuseTwins(tiers, complaints);
    if (root.elements("tiers").isEmpty()) {
      root.refuseMisspelt(); // they may stand there as tires
      throw new SettingsException(
          root.origin("tiers")
              + " is empty: name at least one tier, such as { type = cpu, capacity = 1GiB }");
    }
    if (tiers.size() > TierGraph.MAX_TIERS) {
      complaints.add(
          new SettingsException(
              "%s: a store has at most %d tiers, not %d"
                  .formatted(root.origin("tiers"), TierGraph.MAX_TIERS, tiers.size())));
    }
    return tiers;
  }

  private static void refuseTwins(List<TierPlan> tiers, Complaints complaints) {
    Set<String> names = new HashSet<>();
    for (TierPlan tier : tiers) {
      if (!names.add(tier.name())) {
        complaints.add(
            new SettingsException(
                "%s: another tier is called '%s' already"
                    .formatted(tier.settings().origin("name"), tier.name())));
      }
    }
  }

  /** Says where the section stands that a record finds fault with. */
  static <T> T checked(Section section, String key, Supplier<T> reader) {
    try {
      return reader.get();
    } catch (IllegalArgumentException e) {
      throw new SettingsException(section.origin(key) + ": " + e.getMessage(), e);
    }
  }
}
