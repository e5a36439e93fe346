package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.Put;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.space.LruPolicyProvider;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine with its real threads over small tiers in memory. */
class EngineTest extends EngineRig {
  @Test
  void fetchesWhatWasPut() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 5);
      fill(keys, upTo(5));
      assertEquals(new Outcome(End.COMPLETED, 5, ""), await(store.put(keys, pool, upTo(5))));
      memory.fill((byte) 0);
      Match match = store.match(keys(1, 7));
      assertEquals(5, match.blocks());
      assertEquals(5, match.blocksAt("host"));
      int[] into = {15, 3, 9, 0, 7};
      assertEquals(new Outcome(End.COMPLETED, 5, ""), await(store.fetch(match, pool, into)));
      assertFilled(keys, into);
    }
  }

  @Test
  void aBlockThatIsStoredIsNotReadAgain() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 3);
      fill(keys, upTo(3));
      await(store.put(keys, pool, upTo(3)));
      memory.fill((byte) -1);
      assertEquals(End.COMPLETED, await(store.put(keys, pool, upTo(3))).end());
      assertEquals(3, store.statistics().hops().getFirst().blocks(), "blocks were gathered twice");
      await(store.fetch(store.match(keys), pool, upTo(3)));
      assertFilled(keys, upTo(3));
    }
  }

  @Test
  void aPutThatDoesNotFitKeepsItsBeginning() {
    BlockStore store = store(4, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      Outcome outcome = await(store.put(keys(1, 6), pool, upTo(6)));
      assertEquals(End.PARTIAL, outcome.end());
      assertEquals(4, outcome.blocks());
      assertFalse(outcome.reason().isEmpty());
      assertEquals(4, store.match(keys(1, 6)).blocks());
    }
  }

  @Test
  void whatLeavesTheHubComesBackFromDisk() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys first = keys(1, 4);
      fill(first, upTo(4));
      await(store.put(first, pool, upTo(4)));
      BlockKeys second = keys(101, 3);
      fill(second, 8, 9, 10);
      assertEquals(3, awaitWithDisk(store.put(second, pool, 8, 9, 10)).blocks());
      Match match = store.match(first);
      assertEquals(4, match.blocks());
      assertEquals(3, match.blocksAt("disk"));
      assertEquals(4, awaitWithDisk(store.fetch(match, pool, 4, 5, 6, 7)).blocks());
      assertFilled(first, 4, 5, 6, 7);
      assertEquals(4, store.match(first).blocksAt("host"), "a fetch promotes");
    }
  }

  /** The older bytes arrive below when the newer ones are in the hub already. */
  @Test
  void aBlockThatIsPutAnewWhileItLeavesHasItsNewBytes() {
    BlockStore store = store(2, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 1), pool, 0));
      await(store.put(keys(50, 1), pool, 1));
      Job other = store.put(keys(60, 1), pool, 2);
      awaitUntil(() -> disk.inFlight.size() == 1, "the first block leaves");
      fill(keys(7, 1), 3);
      Job anew = store.put(keys(1, 1), pool, 3);
      awaitUntil(() -> disk.inFlight.size() == 2, "the second makes room for the first");
      disk.inFlight.remove(1).run();
      assertEquals(1, await(anew).blocks());
      assertEquals(1, awaitWithDisk(other).blocks());
      awaitWithDisk(store.put(keys(70, 2), pool, 4, 5));
      awaitWithDisk(store.fetch(store.match(keys(1, 1)), pool, 6));
      assertFilled(keys(7, 1), 6);
    }
  }

  @Test
  void writeThroughDoesNotKeepTheCallerWaiting() {
    BlockStore store = store(8, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      fill(keys(1, 4), upTo(4));
      assertEquals(4, await(store.put(keys(1, 4), pool, upTo(4))).blocks(), "without the disk");
      awaitIdleWithDisk(store);
      assertEquals(4, store.statistics().tiers().get(1).used());
    }
  }

  @Test
  void aDiskThatHangsCostsAShorterPrefixNotACaller() {
    var hasty = new EngineSettings(Duration.ofSeconds(5), Duration.ofMillis(200), 1);
    BlockStore store = store(4, hasty, BACK);
    Pool pool = store.register(SPEC, memory);
    var patient = JobOptions.DEFAULT.within(Duration.ofSeconds(20));
    assertEquals(4, await(store.put(keys(1, 4), pool, upTo(4), patient)).blocks());
    Job stuck = store.put(keys(101, 2), pool, 8, 9);
    Outcome outcome = await(stuck);
    assertEquals(End.EXPIRED, outcome.end());
    assertEquals(0, outcome.blocks());
    runDisk();
  }

  @Test
  void aCancelledJobNeverTouchesItsMemoryAgain() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      awaitWithDisk(store.put(keys(101, 4), pool, upTo(4)));
      memory.fill((byte) 0x5A);
      Job fetch = store.fetch(store.match(keys(1, 4)), pool, upTo(4));
      Outcome outcome = fetch.cancel().toCompletableFuture().join();
      assertEquals(End.CANCELLED, outcome.end());
      awaitIdleWithDisk(store);
      MemorySegment canary = arena.allocate(SPEC.bytes()).fill((byte) 0x5A);
      assertEquals(-1, memory.mismatch(canary));
      assertEquals(outcome, fetch.outcome().toCompletableFuture().join(), "an end is final");
    }
  }

  @Test
  void aMatchThatNobodyFetchesIsLetGo() {
    var hasty = new EngineSettings(Duration.ofMillis(50), Duration.ofSeconds(20), 1);
    BlockStore store = store(4, hasty);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      Match kept = store.match(keys(1, 4), Duration.ofHours(1));
      assertEquals(0, await(store.put(keys(101, 4), pool, upTo(4))).blocks(), "all is pinned");
      Match match = store.match(keys(1, 4));
      kept.close();
      awaitUntil(
          () -> await(store.put(keys(101, 4), pool, upTo(4))).blocks() > 0, "the pins expire");
      assertEquals(End.EXPIRED, await(store.fetch(match, pool, upTo(4))).end());
    }
  }

  @Test
  void aCancelledJobDoesNotLoseWhatItWasToSpill() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      for (int i = 0; i < 4; i++) {
        await(store.put(keys(10L * i, 1), pool, i));
      }
      for (int i = 4; i < 7; i++) {
        store.put(keys(10L * i, 1), pool, i);
      }
      store.put(keys(70, 1), pool, 7).cancel();
      awaitIdleWithDisk(store);
      for (int i = 0; i < 7; i++) {
        assertEquals(1, store.match(keys(10L * i, 1)).blocks(), "block " + i);
      }
    }
  }

  @Test
  void whatComesBackWrongIsNotOfferedAgain() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      awaitWithDisk(store.put(keys(101, 4), pool, upTo(4)));
      disk.faultEvery = 1;
      for (int i = 0; i < 20; i++) {
        awaitWithDisk(store.fetch(store.match(keys(1, 4)), pool, upTo(4)));
      }
      assertEquals(0, store.match(keys(1, 4)).blocks(), "not every fault was transient");
    }
  }

  /** Two engines may compute the bytes of one key with different last bits. */
  @Test
  void theChecksumIsThatOfTheBytesPutLast() {
    BlockStore store = store(1, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 1), pool, 0));
      awaitWithDisk(store.put(keys(101, 1), pool, 0));
      Match keepsTheEntry = store.match(keys(1, 1));
      lose((Engine) store, 1);
      fill(keys(7, 1), 0);
      awaitWithDisk(store.put(keys(1, 1), pool, 0));
      keepsTheEntry.close();
      awaitWithDisk(store.put(keys(201, 1), pool, 0));
      assertEquals(1, awaitWithDisk(store.fetch(store.match(keys(1, 1)), pool, 3)).blocks());
      assertFilled(keys(7, 1), 3);
    }
  }

  @Test
  void aJobTouchesItsPrefixFromTheEnd() {
    var policy = LruPolicyProvider.lru(4);
    var hub = new TierNode("host", new SimulatedHub(4, BLOCK), policy);
    var graph = new TierGraph(List.of(hub), List.of(), BLOCK);
    BlockStore store = Engine.open(graph, EngineSettings.DEFAULT, StageTimes.NONE);
    open.add(store);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      assertEquals(hubSlot(store, 4), policy.coldest(_ -> true));
      await(store.fetch(store.match(keys(1, 4).prefix(3)), pool, upTo(3)));
      policy.removed(policy.coldest(_ -> true));
      assertEquals(hubSlot(store, 3), policy.coldest(_ -> true));
    }
  }

  private static int hubSlot(BlockStore store, long low) {
    return ((Engine) store).look(ledger -> ledger.index.slot(ledger.index.find(-1, low), 0));
  }

  /** A block of a colder tier is found to be wrong. */
  private static void lose(Engine engine, long low) {
    engine.look(ledger -> {
      int lost = ledger.index.find(-1, low);
      ledger.space.condemn(lost, 1);
      ledger.space.abandon(lost, 1);
      return lost;
    });
  }

  @Test
  void aTierThatBreaksDownEndsItsHops() {
    var hasty = new EngineSettings(Duration.ofSeconds(20), Duration.ofSeconds(20), 1);
    BlockStore store = store(4, hasty, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      disk.breakdown = new OutOfMemoryError("simulated");
      fill(keys(101, 4), upTo(4));
      assertEquals(End.COMPLETED, await(store.put(keys(101, 4), pool, upTo(4))).end());
      assertEquals(4, store.statistics().tiers().get(1).lost());
      await(store.fetch(store.match(keys(101, 4)), pool, 4, 5, 6, 7));
      assertFilled(keys(101, 4), 4, 5, 6, 7);
    }
  }

  @Test
  void aPutWaitsForAnotherThatBringsItsBlocks() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      Job first = store.put(keys(101, 4), pool, upTo(4));
      Job second = store.put(keys(101, 4), pool, 4, 5, 6, 7);
      assertFalse(second.settled().toCompletableFuture().isDone(), "the disk has done nothing yet");
      assertEquals(4, awaitWithDisk(first).blocks());
      assertEquals(new Outcome(End.COMPLETED, 4, ""), await(second));
    }
  }

  @Test
  void aPutReadsItselfWhatACancelledOneWasToBring() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      BlockKeys keys = keys(101, 4);
      fill(keys, 4, 5, 6, 7);
      Job first = store.put(keys, pool, upTo(4));
      Job second = store.put(keys, pool, 4, 5, 6, 7);
      first.cancel();
      assertEquals(new Outcome(End.COMPLETED, 4, ""), awaitWithDisk(second));
      memory.fill((byte) 0);
      assertEquals(4, awaitWithDisk(store.fetch(store.match(keys), pool, upTo(4))).blocks());
      assertFilled(keys, upTo(4));
    }
  }

  /** The caller of a draft was told which blocks will be read, and gives no others. */
  @Test
  void aDraftSaysWhenAnotherThatBroughtItsBlocksFailed() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      Job first = store.put(keys(101, 4), pool, upTo(4));
      Draft draft = store.draft(keys(101, 4), Namespace.SHARED);
      var put = new Put(draft, new int[] {4, 5, 6, 7}, JobOptions.DEFAULT);
      Job second = store.put(pool, List.of(put)).getFirst();
      first.cancel();
      Outcome outcome = awaitWithDisk(second);
      assertEquals(End.FAILED, outcome.end());
      assertTrue(outcome.reason().contains("another job"), outcome.reason());
    }
  }

  @Test
  void aLossSinceTheMatchIsNotCalledAShortage() {
    BlockStore store = store(4, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 4), pool, upTo(4)));
      Match match = store.match(keys(1, 4));
      ((Engine) store).look(ledger -> {
        ledger.index.unpublish(ledger.index.find(-1, 3), 0);
        return true;
      });
      Outcome outcome = await(store.fetch(match, pool, upTo(4)));
      assertEquals(2, outcome.blocks());
      assertTrue(outcome.reason().contains("lost"), outcome.reason());
    }
  }

  @Test
  void aBlockWhosePrefixWasLostIsAdoptedWhenItReturns() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 2), pool, upTo(2)));
      awaitWithDisk(store.put(keys(101, 4), pool, upTo(4)));
      lose((Engine) store, 1);
      assertEquals(0, store.match(keys(1, 2)).blocks());
      awaitWithDisk(store.put(keys(1, 2), pool, upTo(2)));
      int first = ((Engine) store).look(ledger -> ledger.index.find(-1, 1));
      int parent = ((Engine) store).look(ledger -> ledger.index.parent(ledger.index.find(-1, 2)));
      assertEquals(first, parent);
    }
  }

  @Test
  void misuseIsToldAndChangesNothing() {
    BlockStore store = store(4, EngineSettings.DEFAULT);
    BlockStore other = store(4, EngineSettings.DEFAULT);
    var tooLarge = new PoolSpec(KvLayout.LAYER_FIRST, 4, 2, 16, CHUNK);
    assertThrows(IllegalArgumentException.class, () -> store.register(tooLarge, memory));
    assertThrows(
        IllegalArgumentException.class, () -> store.register(SPEC, memory.asSlice(1)), "short");
    assertThrows(
        IllegalArgumentException.class,
        () -> store.register(SPEC, MemorySegment.ofArray(new byte[(int) SPEC.bytes()])));
    Pool pool = store.register(SPEC, memory);
    Match match = store.match(keys(1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> store.put(keys(1, 1), pool, 16));
    assertThrows(IllegalArgumentException.class, () -> store.put(keys(1, 2), pool, 1));
    assertThrows(IllegalArgumentException.class, () -> other.fetch(match, pool));
    assertThrows(IllegalArgumentException.class, () -> other.put(keys(1, 1), pool, 1));
    assertThrows(IllegalArgumentException.class, () -> match.blocksAt("attic"));
    pool.close();
    assertThrows(IllegalStateException.class, () -> store.put(keys(1, 1), pool, 1));
    store.close();
    store.close();
    assertThrows(IllegalStateException.class, () -> store.match(keys(1, 1)));
    assertEquals(0, store.statistics().jobs().running());
  }

  @Test
  void aKeyThatRepeatsEndsThePrefix() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys repeating = BlockKeys.ofWords(new long[] {1, 1, 2, 2, 3, 3, 2, 2, 4, 4});
      Outcome outcome = await(store.put(repeating, pool, upTo(5)));
      assertEquals(new Outcome(End.PARTIAL, 3, outcome.reason()), outcome);
      assertTrue(outcome.reason().contains("block 3"), outcome.reason());
      assertEquals(3, store.statistics().tiers().getFirst().used());
    }
  }

  @Test
  void twoPutsOfOnePrefixStoreItOnce() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      for (int round = 0; round < 200; round++) {
        BlockKeys keys = keys(1 + 100L * round, 4);
        fill(keys, upTo(4));
        long before = store.statistics().hops().getFirst().blocks();
        Job one = store.put(keys, pool, upTo(4));
        Job two = store.put(keys, pool, upTo(4));
        assertEquals(new Outcome(End.COMPLETED, 4, ""), await(two), "it waits for the first");
        assertEquals(new Outcome(End.COMPLETED, 4, ""), await(one));
        assertEquals(before + 4, store.statistics().hops().getFirst().blocks());
      }
      assertEquals(8, store.statistics().tiers().getFirst().used());
    }
  }

  @Test
  void twoFetchesOfOneBlockLoadItOnce() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 2), pool, upTo(2)));
      awaitWithDisk(store.put(keys(101, 4), pool, 2, 3, 4, 5));
      Job one = store.fetch(store.match(keys(1, 2)), pool, 8, 9);
      Job two = store.fetch(store.match(keys(1, 2)), pool, 10, 11);
      assertEquals(2, awaitWithDisk(one).blocks());
      assertEquals(2, awaitWithDisk(two).blocks());
      assertEquals(2, store.statistics().hops().get(2).blocks(), "loaded twice");
    }
  }

  @Test
  void aBlockThatIsWaitedForIsLoadedThoughItsJobIsCancelled() {
    BlockStore store = store(4, EngineSettings.DEFAULT, BACK);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 2);
      fill(keys, upTo(2));
      await(store.put(keys, pool, upTo(2)));
      awaitWithDisk(store.put(keys(101, 4), pool, 2, 3, 4, 5));
      Job one = store.fetch(store.match(keys), pool, 8, 9);
      Job two = store.fetch(store.match(keys), pool, 10, 11);
      one.cancel();
      assertEquals(2, awaitWithDisk(two).blocks(), "though the first is cancelled");
      assertFilled(keys, 10, 11);
      assertEquals(2, store.statistics().hops().get(2).blocks(), "loaded twice");
    }
  }
}
