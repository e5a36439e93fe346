package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Seat;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.plugin.Lease;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Host;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.StorageTier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Opens the tiers of a blueprint and their policies. Whoever assembles owns the parts, opened all
 * or not.
 *
 * @param blueprint what to open
 * @param plugins who opens it
 * @param owned takes every part as soon as it is open
 * @param neighbours what there is to reach other stores by
 * @param places takes those of the tiers that may leave and come again
 * @param now the same configuration, with the defaults of the plugins that serve when it is asked
 */
record Assembly(
    Blueprint blueprint, Plugins plugins, Owned owned, Neighbours neighbours,
    Map<String, TierPlace> places, Supplier<Section> now) {
  private static final int SMALLEST_UNIT = 4096;

  TierGraph graph() {
    ExecutorService blocking = owned.own(Executors.newVirtualThreadPerTaskExecutor());
    List<TierNode> nodes = new ArrayList<>();
    for (TierPlan plan : blueprint.tiers()) {
      StorageTier tier = tier(plan, blocking);
      if (nodes.isEmpty()) {
        refuseUnaddressable(plan, tier);
      }
      nodes.add(new TierNode(plan.name(), tier, policy(plan, tier.spec().slots())));
    }
    List<Edge> edges = blueprint.roads()
        .orElseThrow()
        .edges(blueprint.colder(), blueprint.missingNames(), blueprint.read());
    return Blueprint.checked(
        blueprint.root(), "tiers",
        () -> new TierGraph(nodes, edges, blueprint.sections(unit(nodes))));
  }

  /** {@return what the parts of a block that move by themselves are multiples of, in bytes} */
  private static int unit(List<TierNode> nodes) {
    int page = SMALLEST_UNIT;
    for (TierNode node : nodes) {
      page = Math.max(page, node.tier().spec().alignment());
    }
    return page;
  }

  private long blockBytes() {
    return blueprint.blockBytes().orElseThrow();
  }

  private StorageTier tier(TierPlan plan, ExecutorService blocking) {
    boolean peers = blueprint.read().contains(plan.name());
    TierPlace place = owned.own(new TierPlace(plan, () -> plan.over(now.get()), plugins, lease -> {
      Host lent = new LentHost(plan.name(), blockBytes(), lease.within(blocking));
      return peers ? neighbours.host(lent) : lent;
    }));
    StorageTier tier = place.open();
    if (plan.first() || peers || Seat.binding(tier).isPresent()) {
      return tier;
    }
    places.put(plan.name(), place);
    return new Seat(tier);
  }

  /** {@return the devices that this machine has} */
  List<Device> devices() {
    return new OpenDevices(plugins, owned, blockBytes()).open(blueprint.devices());
  }

  private static void refuseUnaddressable(TierPlan plan, StorageTier tier) {
    if (tier.ability(Addressable.class).isEmpty()) {
      throw plan.notTheFirst();
    }
  }

  private EvictionPolicy policy(TierPlan plan, int slots) {
    Lease<EvictionPolicyProvider> lease = owned
        .own(plugins.lease(EvictionPolicyProvider.class, plan.policy(), "for " + plan.where()));
    Section settings = blueprint.root().section("eviction").partOf(plan.policy());
    EvictionPolicy policy = lease.call(provider -> provider.create(settings, slots));
    settings.refuseUnknown();
    return policy;
  }
}
