package io.pagoda.core;

import io.pagoda.Outcome.End;
import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.Hop;
import io.pagoda.StoreStatistics.Jobs;
import io.pagoda.StoreStatistics.Tier;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.run.Ledger;
import io.pagoda.core.run.Tasks;
import io.pagoda.core.run.Traffic;
import java.util.ArrayList;
import java.util.List;

/** Adds up what an engine has done. */
final class Counts {
  /** What statistics call the callers' memory. */
  private static final String ENGINE = "engine";

  private Counts() {}

  static StoreStatistics of(TierGraph graph, Ledger ledger, Tasks tasks, long[] hits) {
    List<Tier> tiers = new ArrayList<>();
    for (int tier = 0; tier < hits.length; tier++) {
      tiers.add(tier(graph.tiers().get(tier), tier, ledger, hits[tier]));
    }
    return new StoreStatistics(tiers, hops(graph, tasks), jobs(tasks));
  }

  private static Tier tier(TierNode node, int number, Ledger ledger, long hits) {
    return new Tier(
        node.name(), node.tier().spec().slots(), ledger.space.used(number), hits,
        ledger.space.evictions(number), ledger.lost(number), ledger.corrupt(number));
  }

  private static List<Hop> hops(TierGraph graph, Tasks tasks) {
    String hub = graph.hub().name();
    List<Hop> hops = new ArrayList<>();
    List<Traffic> traffic = tasks.traffic();
    for (int tier = 0; tier < traffic.size(); tier++) {
      String place = tier == 0 ? ENGINE : graph.tiers().get(tier).name();
      hops.add(hop(place, hub, traffic.get(tier).up()));
      hops.add(hop(hub, place, traffic.get(tier).down()));
    }
    return hops;
  }

  private static Hop hop(String from, String to, Traffic.Sum sum) {
    return new Hop(from, to, sum.blocks(), sum.bytes(), sum.busyNanos());
  }

  private static Jobs jobs(Tasks tasks) {
    return new Jobs(
        tasks.ends(End.COMPLETED), tasks.ends(End.PARTIAL), tasks.ends(End.FAILED),
        tasks.ends(End.CANCELLED), tasks.ends(End.EXPIRED), tasks.running());
  }
}
