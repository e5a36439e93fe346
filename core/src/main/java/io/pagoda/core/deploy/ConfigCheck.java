package io.pagoda.core.deploy;

import io.pagoda.PagodaException;
import io.pagoda.core.config.Complaint;
import io.pagoda.core.config.Complaints;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.connect.ConnectorSettings;
import io.pagoda.core.plugin.Lease;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.spi.transport.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What can be said of a configuration without opening anything.
 *
 * @param complaints what is wrong with it, in the order of its parts
 * @param missing the optional tiers that this machine lacks
 * @param model whose KV cache it is, unless that is wrong
 * @param blockBytes bytes of every block, unless that is wrong
 * @param tiers those that the store would have, hottest first, without those that are wrong
 */
public record ConfigCheck(
    List<Complaint> complaints, List<MissingTier> missing, Optional<ModelSettings> model,
    Optional<Long> blockBytes, List<Tier> tiers) {

  private static final String CONNECTOR = "connector";
  private static final String TRANSPORTS = "transports";

  /** What tiers are asked with when the size of a block is not known. */
  private static final long ANY_BLOCK_BYTES = 1 << 17;

  /** No policy needs more slots to find fault with its settings. */
  private static final int SOME_SLOTS = 1024;

  /** Copies the lists. */
  public ConfigCheck {
    complaints = List.copyOf(complaints);
    missing = List.copyOf(missing);
    tiers = List.copyOf(tiers);
  }

  /**
   * A tier of the store.
   *
   * @param name what it is called
   * @param type who opens it
   * @param spec what it would be, if that can be told before it is opened
   */
  public record Tier(String name, String type, Optional<TierSpec> spec) {}

  /**
   * Checks a configuration.
   *
   * @param config what to check; the plugins' defaults are put beneath it
   * @param plugins who would open it
   */
  public static ConfigCheck of(PagodaConfig config, Plugins plugins) {
    Complaints complaints = Complaints.collected();
    return complaints.attempt(() -> {
      Section root = config.withDefaults(plugins.defaults()).settings(complaints);
      return new Check(Blueprint.read(root, plugins), plugins, complaints).result();
    })
        .orElseGet(
            () -> new ConfigCheck(
                complaints.all(), List.of(), Optional.empty(), Optional.empty(), List.of()));
  }

  /** {@return whether a store would open, as far as can be told} */
  public boolean passed() {
    return complaints.isEmpty();
  }

  private record Check(Blueprint blueprint, Plugins plugins, Complaints complaints) {
    ConfigCheck result() {
      List<Tier> tiers = new ArrayList<>();
      for (TierPlan plan : blueprint.tiers()) {
        Optional<Tier> tier = tier(plan);
        tier.flatMap(Tier::spec).ifPresent(spec -> order(plan, spec));
        tier.ifPresent(tiers::add);
        complaints.attempt(() -> policy(plan, tier.flatMap(Tier::spec)));
      }
      blueprint.roads().ifPresent(roads -> complaints.attempt(() -> edges(roads)));
      plugins.types(TransportProvider.class).forEach(this::transport);
      connector(blueprint.root());
      communicator(blueprint.root());
      return new ConfigCheck(
          complaints.all(), blueprint.missing(), blueprint.model(), blueprint.blockBytes(), tiers);
    }

    /** Looks at what a transport is set to, whether or not it is wanted. */
    private void transport(String type) {
      String where = blueprint.root().section("transport").name() + '.' + type;
      if (plugins.absence(TransportProvider.class, type, where).isEmpty()) {
        complaints.attempt(() -> {
          try (Lease<TransportProvider> lease =
              plugins.lease(TransportProvider.class, type, where)) {
            transport(lease, blueprint.root().section("transport").partOf(type));
          }
        });
      }
    }

    private void transport(Lease<TransportProvider> lease, Section settings) {
      Complaints own = Complaints.guessed();
      Section guessed = settings.judgedBy(own);
      try {
        if (lease.call(provider -> provider.check(guessed))) {
          guessed.refuseUnknown();
        } else {
          guessed.refuseMisspelt();
        }
      } catch (PagodaException e) {
        if (own.all().isEmpty()) { // else a guess may have led to it
          own.add(e);
        }
        guessed.refuseMisspelt();
      }
      complaints.addAll(own);
    }

    /** Stores need no transport: those that nobody has asked for may be missing. */
    private void connector(Section root) {
      Optional<ConnectorSettings> settings = complaints
          .attempt(() -> Blueprint.checked(root, CONNECTOR, () -> ConnectorPlan.settings(root)));
      var _ = complaints.attempt(() -> ConnectorPlan.staging(root));
      boolean fallback = settings.map(ConnectorSettings::fallback).orElse(true);
      Optional<WantedTransports> wanted =
          complaints.attempt(() -> WantedTransports.of(root, TRANSPORTS, fallback));
      if (root.isWritten(TRANSPORTS)) {
        wanted.ifPresent(those -> complaints.attempt(() -> those.check(plugins)));
      }
      root.section(CONNECTOR).refuseUnknown();
    }

    private void communicator(Section root) {
      Section section = root.section("communicator");
      Optional<CommunicatorPlan> plan = complaints.attempt(() -> CommunicatorPlan.read(root));
      if (section.isWritten(TRANSPORTS)) {
        plan.ifPresent(known -> complaints.attempt(() -> known.transports().check(plugins)));
      }
      section.refuseUnknown();
    }

    private Optional<Tier> tier(TierPlan plan) {
      Optional<Lease<TierProvider>> found =
          complaints.attempt(() -> plugins.lease(TierProvider.class, plan.type(), plan.where()));
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try (Lease<TierProvider> lease = found.get()) {
        Optional<Tier> tier = preview(plan, lease, UnaryOperator.identity());
        tier.or(() -> again(plan, lease)).ifPresentOrElse(seen -> {
          if (seen.spec().isPresent()) {
            plan.settings().refuseUnknown();
          }
        }, plan.settings()::refuseMisspelt);
        return tier;
      }
    }

    /** A wrong size hides what is read after it. */
    private Optional<Tier> again(TierPlan plan, Lease<TierProvider> lease) {
      return preview(plan, lease, settings -> settings.with("blocks", 1));
    }

    /** Asks what a tier would be; what a guess leads to is no mistake of the configuration's. */
    private Optional<Tier> preview(
        TierPlan plan, Lease<TierProvider> lease, UnaryOperator<Section> changed) {
      long blockBytes = blueprint.blockBytes().orElse(ANY_BLOCK_BYTES);
      var host = new LentHost(plan.name(), blockBytes, _ -> {
        throw new IllegalStateException("A preview does no work");
      });
      Complaints own = Complaints.guessed();
      Section settings = changed.apply(plan.settings().judgedBy(own));
      try {
        Optional<TierSpec> spec = lease.call(provider -> provider.preview(settings, host));
        return Optional.of(new Tier(plan.name(), plan.type(), spec));
      } catch (PagodaException e) {
        if (own.all().isEmpty()) {
          own.add(e);
        }
        return Optional.empty();
      } finally {
        complaints.addAll(own);
      }
    }

    /** All bytes pass through the first tier. */
    private void order(TierPlan plan, TierSpec spec) {
      if (plan.first() && spec.medium() != Medium.HOST) {
        complaints.add(plan.notTheFirst());
      }
    }

    private void policy(TierPlan plan, Optional<TierSpec> spec) {
      int slots = Math.min(SOME_SLOTS, spec.map(TierSpec::slots).orElse(SOME_SLOTS));
      try (Lease<EvictionPolicyProvider> lease =
          plugins.lease(EvictionPolicyProvider.class, plan.policy(), "for " + plan.where())) {
        Section settings = blueprint.root().section("eviction").partOf(plan.policy());
        lease.call(provider -> provider.create(settings, slots));
        settings.refuseUnknown();
      }
    }

    private void edges(Roads roads) {
      int wanted = blueprint.root().elements("tiers").size();
      int read = blueprint.tiers().size() + blueprint.missing().size();
      if (wanted == read) { // else the complaint about a tier says enough
        roads.edges(blueprint.colder(), blueprint.missingNames(), blueprint.read());
      }
    }
  }
}
