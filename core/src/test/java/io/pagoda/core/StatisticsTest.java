package io.pagoda.core;

import static io.pagoda.core.SmallStore.keys;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.StoreStatistics.Latency;
import io.pagoda.StoreStatistics.Operation;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.WritePolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a store counts, over a workload small enough to count by hand. */
class StatisticsTest {
  private static final Edge BACK = new Edge("disk", WritePolicy.BACK, Promotion.COPY);
  private static final Edge THROUGH = new Edge("disk", WritePolicy.THROUGH, Promotion.NEVER);

  @Test
  void tiersAndRoadsCountBlocks() {
    try (var small = new SmallStore(4, 8, BACK, EngineSettings.DEFAULT)) {
      small.put(keys(1, 4));
      small.put(keys(101, 3)); // spills 2, 3 and 4 of the first prefix
      small.fetch(keys(1, 4)); // brings those up again, for the three of the second
      StoreStatistics all = small.store.statistics();

      StoreStatistics.Tier host = all.tiers().getFirst();
      assertEquals(4, host.count(TierCount.READY));
      assertEquals(4, host.count(TierCount.USED));
      assertEquals(6, host.count(TierCount.EVICTIONS));
      assertEquals(1, host.count(TierCount.MATCHED));
      assertEquals(1, host.count(TierCount.HITS));
      StoreStatistics.Tier disk = all.tiers().getLast();
      assertEquals(6, disk.count(TierCount.READY));
      assertEquals(3, disk.count(TierCount.MATCHED));
      assertEquals(0.25, all.hitRatio(host));
      assertEquals(0.75, all.hitRatio(disk));

      assertEquals(
          List.of("engine->host 7", "host->engine 4", "disk->host 3", "host->disk 6"),
          all.hops().stream().map(h -> h.from() + "->" + h.to() + " " + h.blocks()).toList());
      assertEquals(7 * SmallStore.BLOCK_BYTES, all.hops().getFirst().bytes());
      for (StoreStatistics.Hop hop : all.hops()) {
        long batches = hop.count(HopCount.BATCHES);
        assertTrue(batches > 0 && batches <= hop.blocks(), hop::toString);
        assertEquals(batches, hop.waiting().count());
        assertEquals(batches, hop.service().count());
        assertTrue(hop.service().max() > 0, hop::toString);
        assertEquals(0, hop.count(HopCount.FAILURES));
      }
    }
  }

  @Test
  void countsWritesThatWereNotNeeded() {
    try (var small = new SmallStore(4, 8, BACK, EngineSettings.DEFAULT)) {
      small.put(keys(1, 4));
      small.put(keys(101, 3)); // spills 2, 3 and 4 of the first prefix
      small.fetch(keys(1, 4)); // brings those up again, and spills the three
      assertEquals(0, disk(small).count(TierCount.ALREADY_PRESENT));
      small.fetch(keys(101, 3)); // 2, 3 and 4 leave, and are below already
      assertEquals(3, disk(small).count(TierCount.ALREADY_PRESENT));
    }
  }

  private static StoreStatistics.Tier disk(SmallStore small) {
    return small.store.statistics().tiers().getLast();
  }

  @Test
  void jobsCountWhatCallersAskAndGet() {
    try (var small = new SmallStore(8, 8, THROUGH, EngineSettings.DEFAULT)) {
      small.put(keys(1, 4));
      small.put(keys(1, 5));
      small.fetch(keys(1, 7));
      SmallStore.over(small.store.prefetch(small.store.match(keys(1, 3)), JobOptions.DEFAULT));
      small.store.match(keys(900, 2)).close();
      StoreStatistics all = small.store.statistics();

      assertEquals(7 + 3 + 2, all.jobs().count(JobCount.ASKED));
      assertEquals(9, all.jobs().count(JobCount.PUT_BLOCKS));
      assertEquals(9 * SmallStore.BLOCK_BYTES, all.jobs().count(JobCount.PUT_BYTES));
      assertEquals(5, all.jobs().count(JobCount.FETCHED_BLOCKS));
      assertEquals(5 * SmallStore.BLOCK_BYTES, all.jobs().count(JobCount.FETCHED_BYTES));
      assertEquals(4, all.jobs().count(JobCount.COMPLETED));
      assertEquals(3, all.latency(Operation.MATCH).count());
      assertEquals(3, all.latency(Operation.PLAN).count());
      assertEquals(2, all.latency(Operation.PUT).count());
      assertEquals(2, all.latency(Operation.PUT_FINISHED).count());
      assertEquals(1, all.latency(Operation.FETCH).count());
      assertEquals(1, all.latency(Operation.PREFETCH).count());
      for (Latency latency : all.latencies().values()) {
        assertTrue(0 < latency.p50() && latency.p50() <= latency.p90(), latency::toString);
        assertTrue(latency.p90() <= latency.p99() && latency.p99() <= latency.max());
        assertTrue(latency.max() < Duration.ofSeconds(20).toNanos(), latency::toString);
      }
      assertTrue(all.latency(Operation.PUT_FINISHED).max() >= all.latency(Operation.PUT).p50() / 2);
    }
  }

  @Test
  void whatWasUsedOnceIsAWriteSaved() {
    var edge = new Edge("disk", WritePolicy.THROUGH, Promotion.COPY, Admission.SECOND_TOUCH);
    try (var small = new SmallStore(8, 8, edge, EngineSettings.DEFAULT)) {
      small.put(keys(1, 4));
      assertEquals(4, small.tier(1).count(TierCount.NOT_ADMITTED));
      assertEquals(0, small.tier(1).count(TierCount.READY));
      small.fetch(keys(1, 4));
      awaitIdle(small);
      assertEquals(4, small.tier(1).count(TierCount.NOT_ADMITTED));
      assertEquals(4, small.tier(1).count(TierCount.READY));
    }
  }

  @Test
  void quotasAndLivesAreCountedApart() {
    var few = new Quota(Namespace.of("few"), 2, Duration.ZERO);
    var brief = new Quota(Namespace.of("brief"), 8, Duration.ofSeconds(1));
    var settings = EngineSettings.DEFAULT.with(List.of(few, brief));
    try (var small = new SmallStore(8, 8, BACK, settings)) {
      for (int i = 0; i < 5; i++) {
        putIn(small, few, 100L * i, 1);
      }
      assertEquals(3, small.tier(0).count(TierCount.OVER_QUOTA));
      putIn(small, brief, 1000, 3);
      EngineRig
          .awaitUntil(() -> small.tier(0).count(TierCount.OUTLIVED) == 3, "their time is over");
      assertEquals(3, small.tier(0).count(TierCount.OVER_QUOTA));
      assertEquals(6, small.tier(0).count(TierCount.EVICTIONS));
      assertEquals(2, small.tier(0).count(TierCount.READY));
    }
  }

  private static void putIn(SmallStore small, Quota quota, long first, int count) {
    SmallStore.over(
        small.store.put(
            keys(first, count), small.pool, SmallStore.upTo(count),
            JobOptions.DEFAULT.in(quota.namespace())));
  }

  @Test
  void aMatchThatNobodyFetchesIsAskedForAllTheSame() {
    try (var small = new SmallStore(8, 8, BACK, EngineSettings.DEFAULT)) {
      small.put(keys(1, 2));
      try (Match match = small.store.match(keys(1, 4))) {
        assertEquals(2, match.blocks());
      }
      assertEquals(0.5, small.store.statistics().hitRatio(small.tier(0)));
      assertEquals(0, small.tier(0).count(TierCount.HITS));
    }
  }

  private static void awaitIdle(SmallStore small) {
    EngineRig.awaitUntil(() -> small.store.statistics().jobs().running() == 0, "nothing runs");
  }

  @Test
  void whatAResetDropsIsNotEvicted() {
    try (var small = new SmallStore(4, 8, EngineRig.THROUGH, EngineSettings.DEFAULT)) {
      small.put(SmallStore.keys(1, 3));
      small.store.reset().toCompletableFuture().join();
      assertEquals(0, small.tier(0).used());
      assertEquals(0, small.tier(0).evictions());
      assertEquals(0, small.tier(1).evictions());
    }
  }
}
