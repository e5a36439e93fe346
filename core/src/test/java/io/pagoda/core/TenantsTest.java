package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Ending;
import io.pagoda.Ending.Cause;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Budget;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.WritePolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a namespace may keep, what a tier takes, and why a block is gone. */
class TenantsTest extends EngineRig {
  private static final Namespace TENANT = Namespace.of("tenant");

  private static EngineSettings quota(int blocks, Duration life) {
    return EngineSettings.DEFAULT.with(List.of(new Quota(TENANT, blocks, life)));
  }

  private Outcome put(BlockStore store, Pool pool, Namespace namespace, BlockKeys keys) {
    int[] blocks = upTo(keys.size());
    fill(keys, blocks);
    return awaitWithDisk(store.put(keys, pool, blocks, JobOptions.DEFAULT.in(namespace)));
  }

  private static int held(BlockStore store, BlockKeys keys) {
    try (Match match = store.match(keys)) {
      return match.blocks();
    }
  }

  @Test
  void aNamespaceLosesItsOwnBlocksWhenItHasItsQuota() {
    BlockStore store = store(12, quota(4, Duration.ZERO));
    try (Pool pool = store.register(SPEC, memory)) {
      put(store, pool, Namespace.SHARED, keys(500, 3));
      put(store, pool, TENANT, keys(1, 3));
      put(store, pool, Namespace.of("tenant", "adapter"), keys(50, 3));
      assertEquals(3, held(store, keys(500, 3)), "nobody else pays");
      assertEquals(1, held(store, keys(1, 3)), "the end of what was used longest ago goes");
      assertEquals(3, held(store, keys(50, 3)));
      assertEquals(new Ending(1, Cause.OVER_QUOTA, "host"), store.explain(keys(1, 3)));
      assertEquals(7, store.statistics().tiers().getFirst().used());
    }
  }

  @Test
  void aPutOfMoreThanTheQuotaKeepsItsBeginningAndSaysWhy() {
    BlockStore store = store(12, quota(4, Duration.ZERO));
    try (Pool pool = store.register(SPEC, memory)) {
      Outcome outcome = put(store, pool, TENANT, keys(1, 6));
      assertEquals(End.PARTIAL, outcome.end());
      assertEquals(4, outcome.blocks());
      assertTrue(outcome.reason().contains("quota"), outcome.reason());
      assertEquals(4, held(store, keys(1, 6)));
      assertEquals(End.COMPLETED, put(store, pool, Namespace.of("other"), keys(90, 6)).end());
    }
  }

  @Test
  void theQuotaOfADeeperNamespaceGoesFirst() {
    var settings = EngineSettings.DEFAULT.with(
        List.of(
            new Quota(TENANT, 10, Duration.ZERO),
            new Quota(Namespace.of("tenant", "small"), 1, Duration.ZERO)));
    BlockStore store = store(12, settings);
    try (Pool pool = store.register(SPEC, memory)) {
      assertEquals(1, put(store, pool, Namespace.of("tenant", "small"), keys(1, 3)).blocks());
      assertEquals(3, put(store, pool, Namespace.of("tenant", "large"), keys(50, 3)).blocks());
    }
  }

  @Test
  void aBlockThatNobodyUsesIsDroppedAfterItsTime() {
    BlockStore store = store(8, quota(8, Duration.ofSeconds(1)), THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      put(store, pool, TENANT, keys(1, 2));
      put(store, pool, Namespace.SHARED, keys(50, 2));
      awaitIdleWithDisk(store);
      awaitUntil(() -> store.explain(keys(1, 2)).cause() == Cause.OUTLIVED, "its time is over");
      assertEquals(2, held(store, keys(50, 2)));
      assertEquals(2, store.statistics().tiers().get(1).used());
    }
  }

  /** Time only has a lower bound here: a road may take longer, but not less. */
  @Test
  void aRoadCarriesNoMoreThanItsBudget() {
    Budget budget = new Budget(2 * BLOCK, 2 * BLOCK);
    Edge edge = new Edge(
        "disk", WritePolicy.THROUGH, Promotion.COPY, Admission.ALL, Edge.WRITE_PRICE, budget);
    BlockStore store = store(4, EngineSettings.DEFAULT, edge);
    try (Pool pool = store.register(SPEC, memory)) {
      long start = System.nanoTime();
      for (int i = 0; i < 3; i++) {
        put(store, pool, Namespace.SHARED, keys(1 + 100 * i, 1));
      }
      awaitIdleWithDisk(store);
      assertTrue(System.nanoTime() - start >= 1_000_000_000, "the third waits for two");
      assertEquals(3, store.statistics().tiers().get(1).used());
      put(store, pool, Namespace.SHARED, keys(901, 1)); // it waits, and the close does not
    }
  }

  private static Edge secondTouch(WritePolicy write) {
    return new Edge("disk", write, Promotion.COPY, Admission.SECOND_TOUCH);
  }

  @Test
  void aTierThatWantsASecondTouchIsNotWrittenThroughAtTheFirstPut() {
    BlockStore store = store(8, EngineSettings.DEFAULT, secondTouch(WritePolicy.THROUGH));
    try (Pool pool = store.register(SPEC, memory)) {
      put(store, pool, Namespace.SHARED, keys(1, 3));
      put(store, pool, Namespace.SHARED, keys(50, 2));
      awaitIdleWithDisk(store);
      assertEquals(0, store.statistics().tiers().get(1).used());
      awaitWithDisk(store.fetch(store.match(keys(1, 3)), pool, upTo(3)));
      awaitIdleWithDisk(store);
      assertEquals(3, store.statistics().tiers().get(1).used(), "fetched once: the second touch");
      put(store, pool, Namespace.SHARED, keys(50, 2));
      awaitIdleWithDisk(store);
      assertEquals(5, store.statistics().tiers().get(1).used(), "put again: the second touch");
    }
  }

  @Test
  void whatWasUsedOnceIsNotSpilledAndIsRememberedWhenItReturns() {
    BlockStore store = store(2, EngineSettings.DEFAULT, secondTouch(WritePolicy.BACK));
    try (Pool pool = store.register(SPEC, memory)) {
      put(store, pool, Namespace.SHARED, keys(1, 2));
      put(store, pool, Namespace.SHARED, keys(50, 2));
      assertEquals(0, held(store, keys(1, 2)), "used once, and dropped");
      assertEquals(new Ending(0, Cause.EVICTED, "host"), store.explain(keys(1, 2)));
      put(store, pool, Namespace.SHARED, keys(1, 2));
      put(store, pool, Namespace.SHARED, keys(70, 2));
      awaitIdleWithDisk(store);
      assertEquals(2, held(store, keys(1, 2)), "it had come back, so it was spilled");
      assertEquals(2, store.statistics().tiers().get(1).used());
    }
  }

  @Test
  void explainsWhyAPrefixEnds() {
    BlockStore store = store(2, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      assertEquals(new Ending(0, Cause.NEVER_STORED, ""), store.explain(keys(1, 2)));
      var draft = store.draft(keys(1, 2), Namespace.SHARED);
      assertEquals(new Ending(0, Cause.NOT_READY, "host"), store.explain(keys(1, 2)));
      draft.close();
      put(store, pool, Namespace.SHARED, keys(1, 2));
      awaitIdleWithDisk(store);
      assertEquals(new Ending(2, Cause.COMPLETE, ""), store.explain(keys(1, 2)));
      put(store, pool, Namespace.SHARED, keys(50, 2));
      awaitIdleWithDisk(store);
      disk.spoilNext = 1;
      awaitWithDisk(store.fetch(store.match(keys(1, 2)), pool, upTo(2)));
      awaitIdleWithDisk(store);
      assertEquals(new Ending(1, Cause.CORRUPT, "disk"), store.explain(keys(1, 2)));
    }
  }

  @Test
  void finishedTellsOfCopiesThatWereNotMade() {
    BlockStore store = store(8, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      disk.breakdown = new AssertionError("told to break");
      var job = store.put(keys(1, 3), pool, upTo(3));
      assertEquals(new Outcome(End.COMPLETED, 3, ""), await(job));
      Outcome all = job.finished().toCompletableFuture().join();
      assertEquals(End.FAILED, all.end());
      assertTrue(all.reason().contains("told to break"), all.reason());
      disk.breakdown = null;
      assertEquals(3, held(store, keys(1, 3)), "the blocks in the hub stay usable");
      assertEquals(0, store.statistics().tiers().get(1).used(), "the disk's slots are free");
    }
  }

  @Test
  void whatADraftPushesOutIsCalledEvictedUntilItHasArrivedBelow() {
    BlockStore store = store(2, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      put(store, pool, Namespace.SHARED, keys(1, 2));
      try (Draft draft = store.draft(keys(9, 2), Namespace.SHARED)) {
        assertEquals(2, draft.blocks());
        assertEquals(new Ending(0, Cause.EVICTED, "host"), store.explain(keys(1, 2)));
      }
      awaitIdleWithDisk(store);
      assertEquals(new Ending(2, Cause.COMPLETE, ""), store.explain(keys(1, 2)));
    }
  }
}
