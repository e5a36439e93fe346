package io.pagoda.core;

import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.DeviceFlow;
import io.pagoda.StoreStatistics.Tier;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.run.Health;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Scrub;
import io.pagoda.core.run.Tasks;
import io.pagoda.core.space.Space;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.tier.Metered;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Adds up what an engine has done. */
record Counts(
    TierGraph graph, Ledger ledger, Tasks tasks, Health health, Scrub scrub, List<Device> devices,
    HubLending lending) {
  StoreStatistics statistics(long[] matched, long[] hits, int[] revived) {
    List<Tier> tiers = new ArrayList<>();
    for (int tier = 0; tier < hits.length; tier++) {
      TierNode node = graph.tiers().get(tier);
      Map<TierCount, Long> counts = counts(tier);
      counts.put(TierCount.SLOTS, (long) node.tier().spec().slots());
      counts.put(TierCount.MATCHED, matched[tier]);
      counts.put(TierCount.HITS, hits[tier]);
      counts.put(TierCount.DISCOVERED, ledger.shared().found(tier));
      counts.put(TierCount.SCRUBBED, scrub.scrubbed(tier));
      counts.put(TierCount.LENT, tier == Space.HUB ? lending.total() : 0);
      counts.put(TierCount.REVIVED, (long) revived[tier]);
      Optional<Metered> metered = node.tier().ability(Metered.class);
      metered.ifPresent(able -> add(counts, able));
      String why =
          health.why(tier).isEmpty() ? metered.map(Metered::trouble).orElse("") : health.why(tier);
      tiers.add(new Tier(node.name(), counts, health.state(tier), why, health.lasting(tier)));
    }
    return new StoreStatistics(
        tiers, tasks.lanes().traffic(), tasks.meter().jobs(tasks.running()),
        tasks.meter().latencies(), Optional.empty(),
        devices.stream().flatMap(Counts::flows).toList());
  }

  private static Stream<DeviceFlow> flows(Device device) {
    return device.flows()
        .stream()
        .map(
            flow -> new DeviceFlow(
                device.uuid(), flow.path(), flow.toDevice(), flow.batches(), flow.bytes(),
                flow.busyNanos()));
  }

  private static void add(Map<TierCount, Long> counts, Metered tier) {
    tier.figures().forEach((figure, value) -> counts.put(TierCount.valueOf(figure.name()), value));
  }

  private Map<TierCount, Long> counts(int tier) {
    Map<TierCount, Long> counts = new EnumMap<>(TierCount.class);
    counts.put(TierCount.USED, (long) ledger.space.used(tier));
    counts.put(TierCount.READY, (long) ledger.space.occupied(tier));
    counts.put(TierCount.EVICTIONS, ledger.space.evictions(tier));
    counts.put(TierCount.OVER_QUOTA, ledger.space.overQuota(tier));
    counts.put(TierCount.OUTLIVED, ledger.space.outlived(tier));
    counts.put(TierCount.NOT_ADMITTED, ledger.space.notAdmitted(tier));
    counts.put(TierCount.ALREADY_PRESENT, ledger.space.alreadyPresent(tier));
    counts.put(TierCount.LOST, ledger.lost(tier));
    counts.put(TierCount.QUARANTINED, (long) ledger.space.quarantined(tier));
    counts.put(TierCount.CORRUPT, ledger.corrupt(tier));
    return counts;
  }
}
