package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.run.Checksums;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values at the ends of their ranges, plugins at theirs, and closing at a bad moment. */
class EngineLimitsTest extends EngineRig {
  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  @Test
  void aJobMayHaveForever() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 4);
      fill(keys, upTo(4));
      JobOptions patient = JobOptions.DEFAULT.within(FOREVER);
      assertEquals(End.COMPLETED, await(store.put(keys, pool, upTo(4), patient)).end());
      Job fetch =
          store.fetch(pool, List.of(new Fetch(store.match(keys, FOREVER), upTo(4), patient)))
              .getFirst();
      assertEquals(new Outcome(End.COMPLETED, 4, ""), await(fetch));
      assertFilled(keys, upTo(4));
      store.match(keys, FOREVER).close();
      fill(keys(100, 8), upTo(8));
      assertEquals(8, await(store.put(keys(100, 8), pool, upTo(8))).blocks(), "pins are left");
    }
  }

  @Test
  void aShortLifeEndsBesideAnEndlessOne() {
    BlockStore store = store(4, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      fill(keys(1, 4), upTo(4));
      await(store.put(keys(1, 4), pool, upTo(4)));
      try (Match endless = store.match(keys(1, 1), Duration.ofNanos(Long.MAX_VALUE))) {
        Match brief = store.match(keys(1, 4), Duration.ofMillis(1));
        assertEquals(4, brief.blocks());
        fill(keys(50, 3), 1, 2, 3);
        awaitUntil(
            () -> await(store.put(keys(50, 3), pool, 1, 2, 3)).blocks() == 3,
            "the short match expires");
        assertEquals(new Outcome(End.COMPLETED, 1, ""), await(store.fetch(endless, pool, 0)));
      }
    }
  }

  @Test
  void aTierThatCompletesWithNothingLosesItsBlocks() {
    BlockStore store = store(4, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      disk.tellsNothing = true;
      fill(keys(1, 2), upTo(2));
      Job put = store.put(keys(1, 2), pool, upTo(2));
      runDiskOnce();
      Outcome all = put.finished().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
      assertEquals(0, all.blocks());
      assertTrue(all.reason().contains("with no result"), all.reason());
      assertEquals(0, store.statistics().jobs().running());
    }
  }

  @Test
  void whatADraftHasPushedOutIsWrittenBeforeTheStoreCloses() throws Exception {
    BlockStore store = store(2, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      fill(keys(1, 2), upTo(2));
      await(store.put(keys(1, 2), pool, upTo(2)));
      var draft = store.draft(keys(9, 2), Namespace.SHARED);
      assertEquals(2, draft.blocks());
      Thread closing = Thread.ofPlatform().start(store::close);
      runDiskOnce();
      closing.join(20_000);
      assertTrue(!closing.isAlive(), "closing does not end");
      draft.close();
      assertEquals("", disk.misuse);
    }
  }

  /** Puts 8 blocks below a hub of 4, so that the hub has the last 4 and a fetch needs them all. */
  private BlockKeys endInHub(BlockStore store, Pool pool) {
    fill(keys(1, 8), upTo(8));
    awaitWithDisk(store.put(keys(1, 4), pool, upTo(4)));
    awaitIdleWithDisk(store);
    awaitWithDisk(store.put(keys(100, 4), pool, upTo(4)));
    awaitIdleWithDisk(store);
    awaitWithDisk(store.put(keys(1, 8), pool, upTo(8)));
    awaitIdleWithDisk(store);
    memory.fill((byte) 0);
    return keys(1, 8);
  }

  /** A prefix longer than the hub, whose end is in the hub, and whose beginning is not. */
  @ParameterizedTest
  @EnumSource(Promotion.class)
  void aPrefixWhoseEndFillsTheHubComesEndFirst(Promotion promotion) {
    BlockStore store =
        store(4, EngineSettings.DEFAULT, new Edge("disk", WritePolicy.THROUGH, promotion));
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = endInHub(store, pool);
      for (int round = 0; round < 3; round++) {
        Match match = store.match(keys);
        assertEquals(8, match.blocks());
        assertEquals(
            new Outcome(End.COMPLETED, 8, ""), awaitWithDisk(store.fetch(match, pool, upTo(8))));
        assertFilled(keys, upTo(8));
        memory.fill((byte) 0);
      }
      assertEquals(8, store.match(keys).blocks());
    }
  }

  @Test
  void layersAreToldOfOnceWhenTheEndCameFirst() {
    BlockStore store = store(4, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = endInHub(store, pool);
      List<String> told = Collections.synchronizedList(new ArrayList<>());
      var options = JobOptions.DEFAULT.telling((layer, blocks) -> told.add(layer + ":" + blocks));
      Job job =
          store.fetch(pool, List.of(new Fetch(store.match(keys), upTo(8), options))).getFirst();
      assertEquals(8, awaitWithDisk(job).blocks());
      assertEquals(List.of("0:8", "1:8"), told);
    }
  }

  @Test
  void whatIsLostAfterTheEndCameFirstShortensThePrefix() {
    BlockStore store = store(4, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = endInHub(store, pool);
      disk.spoilNext = 2;
      Outcome outcome = awaitWithDisk(store.fetch(store.match(keys), pool, upTo(8)));
      assertEquals(new Outcome(End.PARTIAL, 2, outcome.reason()), outcome);
      assertTrue(outcome.reason().contains("differ"), outcome.reason());
      assertEquals(0, store.statistics().jobs().running());
      assertTrue(((Engine) store).idle());
    }
  }

  @Test
  void whatIsFinishedCountsTheCopiesOfEveryPiece() {
    BlockStore store = store(8, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      disk.breakdown = new Error("down");
      Draft end = store.draft(keys(1, 4).range(2, 4), Namespace.SHARED);
      Job put = store.put(keys(1, 4), pool, upTo(4));
      awaitUntil(() -> store.statistics().tiers().get(1).lost() == 2, "the copies fail");
      disk.breakdown = null;
      end.close();
      assertEquals(new Outcome(End.COMPLETED, 4, ""), awaitWithDisk(put));
      awaitIdleWithDisk(store);
      Outcome all = put.finished().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
      assertEquals(0, all.blocks());
      assertTrue(all.reason().contains("down"), all.reason());
    }
  }

  /** Nothing is copied before the test says so: the job is cancelled, and not settled. */
  @Test
  void aCallbackThatClosesThePoolOfARunningJobIsRefused() {
    var workshop = new SimulatedWorkshop(new Checksums(), BLOCK);
    var graph = new TierGraph(List.of(node("host", new SimulatedHub(4, BLOCK))), List.of(), BLOCK);
    try (var engine = new Engine(graph, EngineSettings.DEFAULT, StageTimes.NONE, workshop)) {
      Pool pool = engine.register(SPEC, memory);
      Job job = engine.put(keys(1, 2), pool, upTo(2));
      var closed = job.outcome().thenRun(pool::close).toCompletableFuture();
      var later = job.settled().thenRun(pool::close).toCompletableFuture();
      assertTimeoutPreemptively(Duration.ofSeconds(20), job::cancel);
      var refused = assertThrows(CompletionException.class, closed::join).getCause();
      assertInstanceOf(IllegalStateException.class, refused);
      assertTrue(refused.toString().contains("await itself"), refused.toString());
      runAll(workshop);
      later.join();
      assertThrows(IllegalStateException.class, () -> engine.put(keys(1, 1), pool, 0), "closed");
    }
  }

  @Test
  void aListenerThatThrowsIsItsCallersFaultAndCostsNothing() {
    var workshop = new SimulatedWorkshop(new Checksums(), BLOCK);
    var graph = new TierGraph(List.of(node("host", new SimulatedHub(4, BLOCK))), List.of(), BLOCK);
    try (var engine = new Engine(graph, EngineSettings.DEFAULT, StageTimes.NONE, workshop)) {
      Pool pool = engine.register(SPEC, memory);
      engine.put(keys(1, 2), pool, upTo(2));
      runAll(workshop);
      List<Integer> told = new ArrayList<>();
      var options = JobOptions.DEFAULT.telling((layer, _) -> {
        told.add(layer);
        throw new UnsupportedOperationException("a listener's fault");
      });
      Match match = engine.match(keys(1, 2));
      Job job = engine.fetch(pool, List.of(new Fetch(match, upTo(2), options))).getFirst();
      runAll(workshop);
      assertEquals(new Outcome(End.COMPLETED, 2, ""), await(job));
      assertEquals(List.of(0, 1), told);
      assertTrue(workshop.fault.startsWith("The caller's layer listener"), workshop.fault);
    }
  }

  private static void runAll(SimulatedWorkshop workshop) {
    while (!workshop.copies.isEmpty()) {
      workshop.copies.removeFirst().run();
    }
  }
}
