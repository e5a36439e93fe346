package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.Pool;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.LastingTier.Disk;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Seat;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.tck.MemoryTier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Tiers that are taken out of a store that serves, and put in again. */
class SeatsTest extends RestartRig {
  private static StorageTier left(CompletableFuture<StorageTier> leaving) {
    return leaving.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static CompletableFuture<StorageTier> leaving(Engine engine, String tier) {
    return engine.seats().vacate(tier).toCompletableFuture();
  }

  private static void takeOut(Engine engine) {
    left(leaving(engine, "disk")).close();
  }

  private static TierState state(Engine engine) {
    return engine.statistics().tiers().get(1).state();
  }

  @Test
  void blocksThatOutliveTheProcessComeBackWithTheirTier() {
    var disk = new Disk(32, BLOCK);
    Engine engine = open(4, new Seat(new LastingTier(disk)));
    put(engine, 1, 2, 3, 4);
    put(engine, 1, 2, 13, 14);
    takeOut(engine);
    assertEquals(TierState.RETIRED, state(engine));
    assertEquals(0, count(engine, 1, TierCount.READY));
    assertEquals(6, disk.records.size());
    audit(engine, 2);
    assertEquals(6, engine.seats().occupy("disk", new LastingTier(disk)));
    assertEquals(TierState.HEALTHY, state(engine));
    audit(engine, 2);
    assertFetched(engine, 4, 1, 2, 3, 4);
    assertFetched(engine, 4, 1, 2, 13, 14);
    put(engine, 1, 2, 3, 4, 5);
    audit(engine, 2);
    engine.close();
    assertFetched(open(4, new LastingTier(disk)), 5, 1, 2, 3, 4, 5);
  }

  @Test
  void aBlockOfATierThatIsOutIsNotFound() {
    Engine engine = open(4, new Seat(new MemoryTier(8, BLOCK)));
    put(engine, 1, 2, 3, 4);
    put(engine, 21, 22, 23, 24); // the hub has no others now
    takeOut(engine);
    assertEquals(0, engine.explain(keys(1, 2, 3, 4)).blocks());
    var next = new MemoryTier(8, BLOCK);
    next.memory().fill((byte) 99);
    assertEquals(0, engine.seats().occupy("disk", next));
    assertEquals(0, engine.explain(keys(1, 2, 3, 4)).blocks());
    put(engine, 1, 2, 3, 4);
    assertFetched(engine, 4, 1, 2, 3, 4);
    audit(engine, 2);
  }

  @Test
  void whatWasDroppedWhileItsTierWasOutStaysDropped() {
    var disk = new Disk(32, BLOCK);
    Engine engine = open(4, new Seat(new LastingTier(disk)));
    put(engine, 1, 2, 3, 4);
    takeOut(engine);
    assertTrue(engine.reset().toCompletableFuture().handle((_, e) -> e != null).join());
    assertEquals(0, engine.seats().occupy("disk", new LastingTier(disk)));
    assertEquals(0, engine.explain(keys(1, 2, 3, 4)).blocks());
    put(engine, 21, 22);
    audit(engine, 2);
    engine.close();
    assertEquals(2, disk.records.size());
  }

  @Test
  void aBlockPutAnewWhileItsTierWasOutIsNotWhatTheTierBrings() {
    var disk = new Disk(32, BLOCK);
    Engine engine = open(4, new Seat(new LastingTier(disk)));
    put(engine, 1, 2);
    takeOut(engine);
    putShort(engine, 31, 32, 33, 34); // the hub has no others now
    putShort(engine, 1, 2);
    assertEquals(0, engine.seats().occupy("disk", new LastingTier(disk)));
    audit(engine, 2);
    assertFetched(engine, 2, 1, 2);
    assertEquals(0, count(engine, 1, TierCount.READY));
  }

  /** A put of which nothing comes to the disk, since there is none. */
  private void putShort(Engine engine, long... lows) {
    BlockKeys keys = keys(lows);
    fill(keys);
    try (Pool pool = engine.register(SPEC, memory)) {
      engine.put(keys, pool, upTo(lows.length)).finished().toCompletableFuture().join();
    }
  }

  @Test
  void aTierLeavesWhenItHasAnsweredWhatItWasAsked() {
    var first = new LastingTier(new Disk(32, BLOCK));
    Engine engine = open(4, new Seat(first));
    put(engine, 1, 2, 3, 4);
    put(engine, 21, 22, 23, 24);
    first.holding = true;
    try (Pool pool = engine.register(SPEC, memory)) {
      var job = engine.fetch(engine.match(keys(1, 2)), pool, upTo(2));
      CompletableFuture<StorageTier> leaving = leaving(engine, "disk");
      assertFalse(leaving.isDone());
      assertThrows(
          PagodaException.class, () -> engine.seats().occupy("disk", new MemoryTier(32, BLOCK)));
      first.letGo();
      assertSame(first, left(leaving));
      assertEquals(2, job.settled().toCompletableFuture().join().blocks(), "it was under way");
    }
    audit(engine, 2);
  }

  @Test
  void aTierThatFailedIsReplaced() {
    var first = new LastingTier(new Disk(32, BLOCK));
    Engine engine = open(4, new Seat(first));
    put(engine, 1, 2, 3, 4);
    put(engine, 21, 22, 23, 24);
    first.fate = (_, _) -> new BatchResult.Failed(new PagodaException(Fault.FATAL, "it burns"));
    assertEquals(0, fetch(engine, keys(1, 2)).blocks());
    assertEquals(TierState.RETIRED, state(engine));
    takeOut(engine);
    engine.seats().occupy("disk", new LastingTier(new Disk(32, BLOCK)));
    assertEquals(TierState.HEALTHY, state(engine));
    put(engine, 1, 2, 3, 4);
    assertFetched(engine, 4, 1, 2, 3, 4);
  }

  /** A store over two tiers, to the nearer of which all has gone down that the hub has not. */
  private Engine twoBelow(StorageTier disk) {
    var edges = List.of(
        new Edge("disk", WritePolicy.BACK, Promotion.MOVE),
        new Edge("far", WritePolicy.BACK, Promotion.MOVE));
    var nodes = List.of(
        node("host", new SimulatedHub(8, BLOCK)), node("disk", new Seat(disk)),
        node("far", new Seat(new MemoryTier(64, BLOCK))));
    Engine engine =
        Engine.open(new TierGraph(nodes, edges, BLOCK), EngineSettings.DEFAULT, StageTimes.NONE);
    open.add(engine);
    for (long first = 100; first < 900; first += 100) {
      put(engine, first, first + 1, first + 2, first + 3);
    }
    return engine;
  }

  @Test
  void whatDrainsGoesToTheNextTier() {
    Engine engine = twoBelow(new MemoryTier(64, BLOCK));
    assertEquals(24, count(engine, 1, TierCount.READY));
    assertEquals(new Drained(24, 0, true), drained(engine));
    assertEquals(0, count(engine, 1, TierCount.READY));
    audit(engine, 3);
    takeOut(engine);
    for (long first = 100; first < 900; first += 100) {
      assertFetched(engine, 4, first, first + 1, first + 2, first + 3);
    }
    audit(engine, 3);
  }

  private static Drained drained(Engine engine) {
    return engine.seats()
        .drain("disk")
        .toCompletableFuture()
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  @Test
  void aDrainTellsHowManyBlocksStaySinceTheyAreInUse() {
    Engine engine = twoBelow(new MemoryTier(64, BLOCK));
    try (var match = engine.match(keys(100, 101, 102, 103))) {
      assertEquals(4, match.blocks());
      assertEquals(new Drained(20, 4, true), drained(engine));
      assertEquals(4, count(engine, 1, TierCount.READY));
    }
    assertEquals(new Drained(4, 0, true), drained(engine));
    assertEquals(0, count(engine, 1, TierCount.READY));
    audit(engine, 3);
  }

  /** It was fetched while the tier drained, so it is in the hub too, until that needs its slot. */
  @Test
  void aBlockInUseWhileItsTierDrainedGoesToTheNextWhenItLeavesTheHub() {
    Engine engine = twoBelow(new MemoryTier(64, BLOCK));
    try (var _ = engine.match(keys(100, 101, 102, 103))) {
      assertEquals(new Drained(20, 4, true), drained(engine));
      assertFetched(engine, 4, 100, 101, 102, 103);
    }
    for (long first = 1_100; first < 1_500; first += 100) {
      put(engine, first, first + 1, first + 2, first + 3); // the hub has no others now
    }
    audit(engine, 3);
    takeOut(engine);
    assertFetched(engine, 4, 100, 101, 102, 103);
    audit(engine, 3);
  }

  @Test
  void aDrainThatLeadsNowhereTellsWhatStays() {
    Engine engine = open(4, new Seat(new MemoryTier(64, BLOCK)));
    put(engine, 1, 2, 3);
    assertEquals(new Drained(0, 3, true), drained(engine));
  }

  @Test
  void aSlotThatSpoiltABlockIsUsedAgainOfTheNextDisk() {
    var disk = new Disk(8, BLOCK);
    Engine engine = open(4, new Seat(new LastingTier(disk)));
    put(engine, 1, 2);
    put(engine, 21, 22, 23, 24); // the hub has no others now
    for (byte[] bytes : disk.bytes) {
      bytes[5] ^= 1;
    }
    assertEquals(0, fetch(engine, keys(1, 2)).blocks());
    assertTrue(count(engine, 1, TierCount.QUARANTINED) > 0);
    takeOut(engine);
    engine.seats().occupy("disk", new LastingTier(new Disk(8, BLOCK)));
    assertEquals(0, count(engine, 1, TierCount.QUARANTINED));
    put(engine, 31, 32, 33, 34);
    put(engine, 41, 42, 43, 44);
    assertEquals(8, count(engine, 1, TierCount.READY));
    audit(engine, 2);
  }

  @Test
  void aResetInTheMidstOfADrainEndsBoth() {
    var disk = new LastingTier(new Disk(64, BLOCK));
    Engine engine = twoBelow(disk);
    disk.holding = true;
    var drained = engine.seats().drain("disk").toCompletableFuture();
    var reset = engine.reset().toCompletableFuture();
    disk.letGo();
    reset.orTimeout(20, TimeUnit.SECONDS).join();
    drained.orTimeout(20, TimeUnit.SECONDS).join();
    put(engine, 1, 2, 3, 4);
    assertFetched(engine, 4, 1, 2, 3, 4);
    audit(engine, 3);
  }

  @Test
  void aBlockInUseWhileItsTierWasOutIsThereAgainWithIt() {
    var disk = new Disk(32, BLOCK);
    Engine engine = open(4, new Seat(new LastingTier(disk)));
    put(engine, 1, 2);
    put(engine, 21, 22, 23, 24); // the hub has no others now
    try (var _ = engine.match(keys(1, 2))) {
      takeOut(engine);
      assertEquals(6, engine.seats().occupy("disk", new LastingTier(disk)));
      audit(engine, 2);
    }
    audit(engine, 2);
    assertFetched(engine, 2, 1, 2);
    assertEquals(6, disk.records.size());
  }

  @Test
  void whatWasDroppedAfterItsTierFailedStaysDropped() {
    var disk = new Disk(32, BLOCK);
    var first = new LastingTier(disk);
    Engine engine = open(4, new Seat(first));
    put(engine, 1, 2, 3, 4);
    put(engine, 21, 22, 23, 24);
    first.fate = (_, _) -> new BatchResult.Failed(new PagodaException(Fault.FATAL, "it burns"));
    assertEquals(0, fetch(engine, keys(1, 2)).blocks());
    assertTrue(engine.reset().toCompletableFuture().handle((_, e) -> e != null).join());
    takeOut(engine);
    assertEquals(0, engine.seats().occupy("disk", new LastingTier(disk)));
    assertEquals(0, engine.explain(keys(1, 2, 3, 4)).blocks());
    audit(engine, 2);
  }

  @Test
  void whatDrainsIsGivenNothingUntilItIsKept() {
    Engine engine = open(8, new Seat(new MemoryTier(64, BLOCK)));
    engine.seats().drain("disk").toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    putShort(engine, 1, 2, 3, 4);
    assertEquals(0, count(engine, 1, TierCount.READY));
    engine.seats().keep("disk");
    put(engine, 11, 12, 13, 14);
    assertEquals(4, count(engine, 1, TierCount.READY));
  }

  @Test
  void whatIsOfAnotherKindIsNotPutIn() {
    Engine engine = open(4, new Seat(new LastingTier(new Disk(32, BLOCK))));
    takeOut(engine);
    refused(
        "the tier cannot be put in now: its blocks end with the process, and those of the first "
            + "did not",
        engine, new MemoryTier(new TierSpec(Medium.DISK, 32, BLOCK, 1, 4)));
    assertThrows(
        PagodaException.class,
        () -> engine.seats().occupy("disk", new LastingTier(new Disk(33, BLOCK))));
    assertThrows(IllegalArgumentException.class, () -> engine.seats().vacate("host"));
    assertThrows(IllegalArgumentException.class, () -> engine.seats().vacate("tape"));
  }

  private static void refused(String why, Engine engine, StorageTier tier) {
    var e = assertThrows(PagodaException.class, () -> engine.seats().occupy("disk", tier));
    assertEquals(why, e.getMessage());
  }

  /** Whoever was told that a block is on the disk finds it there, how often that went and came. */
  @Test
  void noAcknowledgedBlockIsLostThoughItsTierComesAndGoesUnderLoad() {
    var disk = new Disk(2_000, BLOCK);
    Engine engine = open(16, new Seat(new LastingTier(disk)));
    var done = new AtomicBoolean();
    var changes = new AtomicInteger();
    var changing = CompletableFuture.runAsync(() -> {
      for (; !done.get(); changes.incrementAndGet()) {
        takeOut(engine);
        engine.seats().occupy("disk", new LastingTier(disk));
        LockSupport.parkNanos(1_000_000);
      }
    }, task -> Thread.ofPlatform().daemon().start(task));
    List<long[]> kept = new ArrayList<>();
    for (long first = 100; first < 50_000 || fewOf(kept, first); first += 100) {
      long[] lows = LongStream.range(first, first + 4).toArray();
      if (acknowledged(engine, lows)) {
        kept.add(lows);
      }
      while (first > 2_000L * changes.get() && !changing.isDone()) {
        Thread.onSpinWait(); // a quick machine puts all before the tier has come twice
      }
    }
    done.set(true);
    changing.orTimeout(60, TimeUnit.SECONDS).join();
    assertTrue(changes.get() > 10, () -> "it came " + changes + " times");
    assertTrue(kept.size() > 10, () -> "only " + kept.size() + " puts were acknowledged");
    System.out.println(kept.size() + " acknowledged, " + changes + " changes");
    kept.forEach(lows -> assertFetched(engine, 4, lows));
    assertEquals(0, count(engine, 1, TierCount.CORRUPT));
    audit(engine, 2);
  }

  /** {@return whether a machine that was busy has to go on} */
  private static boolean fewOf(List<long[]> kept, long first) {
    return kept.size() <= 10 && first < 150_000;
  }

  private boolean acknowledged(Engine engine, long... lows) {
    BlockKeys keys = keys(lows);
    fill(keys);
    try (Pool pool = engine.register(SPEC, memory)) {
      return engine.put(keys, pool, upTo(lows.length))
          .finished()
          .toCompletableFuture()
          .orTimeout(20, TimeUnit.SECONDS)
          .join()
          .blocks() == lows.length;
    }
  }
}
