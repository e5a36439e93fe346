package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Ending;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.Put;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that run together, and puts in two steps. */
class TogetherTest extends EngineRig {
  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  private static Fetch fetch(Match match, int... blocks) {
    return new Fetch(match, blocks, JobOptions.DEFAULT);
  }

  private static Put put(Draft draft, int... blocks) {
    return new Put(draft, blocks, JobOptions.DEFAULT);
  }

  private Draft draft(BlockStore store, BlockKeys keys) {
    return store.draft(keys, Namespace.SHARED);
  }

  @Test
  void fetchesTogetherAreOnePlanAndEachItsOwnJob() {
    BlockStore store = store(6, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      for (int chain = 0; chain < 3; chain++) {
        BlockKeys keys = keys(100L * chain, 3);
        fill(keys, upTo(3));
        awaitWithDisk(store.put(keys, pool, upTo(3)));
      }
      awaitIdleWithDisk(store);
      memory.fill((byte) 0);
      List<Match> matches = List.of(store.match(keys(0, 3)), store.match(keys(200, 5)));
      List<Job> jobs = store.fetch(
          pool, List.of(fetch(matches.get(0), range(0, 3)), fetch(matches.get(1), range(3, 6))));
      assertEquals(new Outcome(End.COMPLETED, 3, ""), awaitWithDisk(jobs.get(0)));
      assertEquals(new Outcome(End.COMPLETED, 3, ""), awaitWithDisk(jobs.get(1)));
      assertFilled(keys(0, 3), range(0, 3));
      assertFilled(keys(200, 3), range(3, 6));
    }
  }

  @ParameterizedTest
  @EnumSource(Promotion.class)
  void aBlockThatTwoOfThemAskForIsLoadedOnce(Promotion promotion) {
    BlockStore store =
        store(3, EngineSettings.DEFAULT, new Edge("disk", WritePolicy.BACK, promotion));
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 3);
      fill(keys, upTo(3));
      awaitWithDisk(store.put(keys, pool, upTo(3)));
      awaitWithDisk(store.put(keys(50, 3), pool, upTo(3)));
      awaitIdleWithDisk(store);
      long loaded = store.statistics().hops().get(2).blocks();
      memory.fill((byte) 0);
      List<Job> jobs = store.fetch(
          pool,
          List.of(fetch(store.match(keys), range(0, 3)), fetch(store.match(keys), range(3, 6))));
      jobs.forEach(this::awaitWithDisk);
      assertEquals(3, store.statistics().hops().get(2).blocks() - loaded, "loaded twice");
      assertFilled(keys, range(0, 3));
      assertFilled(keys, range(3, 6));
      awaitIdleWithDisk(store);
      try (Match match = store.match(keys)) {
        assertEquals(promotion == Promotion.NEVER ? 0 : 3, match.blocksAt("host"));
        assertEquals(3, match.blocks());
      }
    }
  }

  @Test
  void oneOfThemIsCancelledWithoutTheOthers() {
    BlockStore store = store(3, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys first = keys(1, 2);
      BlockKeys second = keys(20, 1);
      fill(first, 0, 1);
      fill(second, 2);
      awaitWithDisk(store.put(first, pool, 0, 1));
      awaitWithDisk(store.put(second, pool, 2));
      awaitWithDisk(store.put(keys(50, 3), pool, upTo(3)));
      awaitIdleWithDisk(store);
      memory.fill((byte) 0);
      List<Job> jobs = store
          .fetch(pool, List.of(fetch(store.match(first), 4, 5), fetch(store.match(second), 6)));
      assertEquals(End.CANCELLED, await0(jobs.get(0)));
      assertEquals(new Outcome(End.COMPLETED, 1, ""), awaitWithDisk(jobs.get(1)));
      assertFilled(second, 6);
    }
  }

  private End await0(Job job) {
    return job.cancel().toCompletableFuture().join().end();
  }

  @Test
  void aMatchThatWasFetchedBeforeExpiresAloneAmongOthers() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 2);
      await(store.put(keys, pool, 0, 1));
      Match used = store.match(keys);
      await(store.fetch(used, pool, 2, 3));
      List<Job> jobs =
          store.fetch(pool, List.of(fetch(used, 4, 5), fetch(store.match(keys), 6, 7)));
      assertEquals(End.EXPIRED, await(jobs.get(0)).end());
      assertEquals(End.COMPLETED, await(jobs.get(1)).end());
      assertThrows(
          IllegalArgumentException.class,
          () -> store
              .fetch(pool, List.of(fetch(store.match(keys), 1, 2), fetch(store.match(keys), 2, 3))),
          "pool block 2 is named twice");
    }
  }

  @Test
  void aDraftTakesSlotsAndAnAbandonedOneGivesThemBack() {
    BlockStore store = store(8, EngineSettings.DEFAULT, THROUGH);
    BlockKeys keys = keys(1, 4);
    try (Draft draft = draft(store, keys)) {
      assertEquals(4, draft.blocks());
      assertTrue(draft.lacks(0));
      assertEquals(4, store.statistics().tiers().get(0).used());
      assertEquals(4, store.statistics().tiers().get(1).used());
      assertEquals(0, store.match(keys).blocks());
    }
    assertEquals(0, store.statistics().tiers().get(0).used());
    assertEquals(0, store.statistics().tiers().get(1).used());
    assertEquals(0, store.statistics().jobs().running());
  }

  @Test
  void draftsArePutTogether() {
    BlockStore store = store(8, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys one = keys(1, 2);
      BlockKeys two = keys(50, 3);
      fill(one, 0, 1);
      fill(two, 2, 3, 4);
      List<Job> jobs =
          store.put(pool, List.of(put(draft(store, one), 0, 1), put(draft(store, two), 2, 3, 4)));
      assertEquals(new Outcome(End.COMPLETED, 2, ""), awaitWithDisk(jobs.get(0)));
      assertEquals(new Outcome(End.COMPLETED, 3, ""), awaitWithDisk(jobs.get(1)));
      awaitIdleWithDisk(store);
      assertEquals(
          new Outcome(End.COMPLETED, 3, ""), jobs.get(1).finished().toCompletableFuture().join());
      assertEquals(5, store.statistics().hops().get(3).blocks(), "blocks that went to the disk");
      memory.fill((byte) 0);
      await(store.fetch(store.match(one), pool, 8, 9));
      await(store.fetch(store.match(two), pool, 10, 11, 12));
      assertFilled(one, 8, 9);
      assertFilled(two, 10, 11, 12);
    }
  }

  @Test
  void aDraftLacksNothingThatIsThereOrOnItsWay() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 2), pool, 0, 1));
      Draft longer = draft(store, keys(1, 4));
      Draft later = draft(store, keys(1, 4));
      assertFalse(longer.lacks(1));
      assertTrue(longer.lacks(2));
      assertFalse(later.lacks(2), "the other draft brings it");
      fill(keys(1, 4), upTo(4));
      List<Job> jobs = store.put(pool, List.of(put(later, upTo(4)), put(longer, upTo(4))));
      assertEquals(4, await(jobs.get(0)).blocks());
      assertEquals(4, await(jobs.get(1)).blocks());
    }
  }

  @Test
  void aDraftExpiresAndGivesBackWhatItTook() {
    var settings = new EngineSettings(Duration.ofMillis(5), Duration.ofSeconds(20), 1);
    BlockStore store = store(8, settings);
    try (Pool pool = store.register(SPEC, memory)) {
      Draft draft = draft(store, keys(1, 4));
      awaitUntil(
          () -> store.statistics().tiers().getFirst().used() == 0, "the draft's slots are free");
      Job job = store.put(pool, List.of(put(draft, upTo(4)))).getFirst();
      assertEquals(End.EXPIRED, await(job).end());
      draft.close();
      assertEquals(0, store.statistics().tiers().getFirst().used());
    }
  }

  @Test
  void aMatchIsKeptForAsLongAsItSays() {
    var settings = new EngineSettings(Duration.ofMillis(5), Duration.ofSeconds(20), 1);
    BlockStore store = store(4, settings);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 2), pool, 0, 1));
      await(store.put(keys(50, 2), pool, 2, 3));
      try (Match kept = store.match(keys(1, 2), Duration.ofHours(1))) {
        store.match(keys(50, 2));
        awaitUntil(
            () -> await(store.put(keys(90, 2), pool, 4, 5)).end() == End.COMPLETED,
            "the other match lets go");
        assertEquals(2, await(store.put(keys(99, 4), pool, upTo(4))).blocks(), "the rest is kept");
        assertEquals(2, kept.blocks());
        assertEquals(2, store.explain(keys(1, 2)).blocks());
      }
    }
  }

  @Test
  void aJobHasItsOwnDeadline() {
    BlockStore store = store(2, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 2), pool, 0, 1));
      Job stuck = store.put(
          keys(9, 2), pool, new int[] {2, 3}, JobOptions.DEFAULT.within(Duration.ofMillis(20)));
      Outcome outcome = stuck.outcome().toCompletableFuture().join();
      assertEquals(End.EXPIRED, outcome.end(), "the disk never answers");
      runDisk();
    }
  }

  @Test
  void aResetForgetsEverythingAndEndsWhatRuns() {
    BlockStore store = store(4, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      awaitWithDisk(store.put(keys(1, 4), pool, upTo(4)));
      awaitIdleWithDisk(store);
      awaitWithDisk(store.put(keys(50, 4), pool, upTo(4)));
      awaitIdleWithDisk(store);
      Match held = store.match(keys(1, 4));
      Job running = store.fetch(store.match(keys(1, 4)), pool, 8, 9, 10, 11);
      Draft open = draft(store, keys(90, 2));
      var gone = store.reset().toCompletableFuture();
      assertEquals(0, store.match(keys(50, 4)).blocks(), "nothing is found any more");
      Outcome refused = await(store.put(keys(70, 2), pool, 0, 1));
      assertEquals(new Outcome(End.FAILED, 0, "the store is being reset"), refused);
      assertEquals(End.CANCELLED, awaitWithDisk(running).end());
      awaitIdleWithDisk(store);
      gone.join();
      assertEquals(0, store.statistics().tiers().get(0).used());
      assertEquals(0, store.statistics().tiers().get(1).used());
      assertEquals(End.EXPIRED, await(store.fetch(held, pool, upTo(4))).end());
      assertEquals(End.EXPIRED, await(store.put(pool, List.of(put(open, 0, 1))).getFirst()).end());
      assertEquals(Ending.Cause.NEVER_STORED, store.explain(keys(1, 4)).cause());
      assertEquals(2, awaitWithDisk(store.put(keys(1, 2), pool, 0, 1)).blocks());
      awaitIdleWithDisk(store);
    }
  }
}
