package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Ending.Cause;
import io.pagoda.Fault;
import io.pagoda.Job;
import io.pagoda.Outcome;
import io.pagoda.PagodaException;
import io.pagoda.Pool;
import io.pagoda.StoreStatistics.Tier;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.LastingTier.Disk;
import io.pagoda.core.graph.Care;
import io.pagoda.spi.tier.BatchResult;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tiers that fail for good, for a while, or do not answer. */
class HealthTest extends RestartRig {
  private static final EngineSettings IMPATIENT =
      EngineSettings.DEFAULT.with(new Care(Duration.ofMillis(200), 3, 0));

  /** For tiers that answer, however busy the machine is. */
  private static final EngineSettings PATIENT =
      EngineSettings.DEFAULT.with(new Care(Duration.ofSeconds(20), 3, 0));

  private static Tier disk(Engine engine) {
    return engine.statistics().tiers().get(1);
  }

  private static BatchResult failed(Fault fault) {
    return new BatchResult.Failed(new PagodaException(fault, "the device says no"));
  }

  private static Outcome over(Job job) {
    job.finished().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    return job.settled().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** Puts blocks, whatever becomes of their copies. */
  private Outcome offer(Engine engine, long... lows) {
    fill(keys(lows));
    try (Pool pool = engine.register(SPEC, memory)) {
      return over(engine.put(keys(lows), pool, upTo(lows.length)));
    }
  }

  @Test
  void aFatalResultInTheMiddleOfAFetchTakesATierOutOfService() {
    var disk = new Disk(32, BLOCK);
    var tier = new LastingTier(disk);
    Engine engine = open(4, tier);
    put(engine, 1, 2, 3);
    put(engine, 11, 12, 13);
    put(engine, 21);
    tier.fate = (what, _) -> what.equals("load") ? failed(Fault.FATAL) : BatchResult.COMPLETE;
    Outcome outcome = fetch(engine, keys(1, 2, 3));
    assertTrue(outcome.blocks() < 3, outcome.toString());
    assertTrue(outcome.reason().contains("the device says no"), outcome.reason());
    assertEquals(TierState.RETIRED, disk(engine).state());
    assertTrue(disk(engine).why().contains("the device says no"), disk(engine).why());
    assertEquals(0, disk(engine).count(TierCount.READY));
    tier.fate = null;
    int calls = tier.calls.size();
    offer(engine, 31, 32, 33);
    assertFetched(engine, 3, 31, 32, 33);
    assertEquals(calls, tier.calls.size(), "nothing is asked of it any more");
    audit(engine, 2);
    engine.close();
    assertFetched(open(4, new LastingTier(disk)), 3, 11, 12, 13);
  }

  @Test
  void aTierTellsWhatItDidAndWhatIsAmiss() {
    var tier = new LastingTier(new Disk(32, BLOCK));
    Engine engine = open(16, PATIENT, tier);
    put(engine, 1, 2);
    assertEquals(77, disk(engine).count(TierCount.BYTES_WRITTEN_EVER));
    assertEquals(tier.calls.size(), disk(engine).count(TierCount.SYNCS));
    assertEquals("", disk(engine).condition());
    tier.trouble = "one of its devices is gone";
    assertEquals("one of its devices is gone", disk(engine).condition());
    assertEquals(TierState.HEALTHY, disk(engine).state());
  }

  @Test
  void aTierThatTakesNothingIsOnlyReadAndTriedAgain() {
    var tier = new LastingTier(new Disk(32, BLOCK));
    Engine engine = open(16, PATIENT, tier);
    put(engine, 1, 2);
    tier.fate = (what, _) -> what.equals("store") ? failed(Fault.PERMANENT) : BatchResult.COMPLETE;
    long began = System.nanoTime();
    for (long first = 10; first < 60; first += 10) {
      assertEquals(1, offer(engine, first).blocks());
    }
    long tries = Duration.ofNanos(System.nanoTime() - began).toSeconds();
    assertEquals(TierState.READ_ONLY, disk(engine).state());
    assertTrue(disk(engine).condition().startsWith("read-only for "), disk(engine).condition());
    assertTrue(disk(engine).lasting().compareTo(Duration.ofMinutes(1)) < 0);
    long lost = disk(engine).lost();
    assertTrue(lost >= 3 && lost <= 3 + tries, () -> "then it is left in peace: " + lost);
    assertFetched(engine, 2, 1, 2);
    tier.fate = null;
    var next = new AtomicLong(100);
    EngineRig.awaitUntil(() -> {
      offer(engine, next.getAndIncrement());
      return disk(engine).state() == TierState.HEALTHY;
    }, "it takes blocks again");
    put(engine, 3_001, 3_002);
    try (var match = engine.match(keys(3_001, 3_002))) {
      assertEquals(2, match.blocks());
    }
  }

  @Test
  void whoWaitsForATierThatHangsEndsAndItsMemoryStaysItsOwn() {
    var disk = new Disk(32, BLOCK);
    Engine before = open(4, PATIENT, new LastingTier(disk));
    put(before, 1, 2, 3);
    before.close();
    var tier = new LastingTier(disk);
    tier.holding = true;
    Engine engine = open(4, IMPATIENT, tier);
    Outcome outcome = fetch(engine, keys(1, 2, 3));
    assertEquals(0, outcome.blocks());
    assertTrue(outcome.reason().contains("hangs"), outcome.reason());
    assertEquals(TierState.RETIRED, disk(engine).state());
    int held = tier.held.size();
    assertTrue(held > 0);
    long used = engine.statistics().tiers().getFirst().used();
    Outcome cramped = offer(engine, 31, 32, 33, 34);
    assertTrue(cramped.blocks() < 4, "slots that the tier may write to were given away");
    assertTrue(used > 0);
    tier.letGo();
    awaitRoom(engine);
    assertFetched(engine, cramped.blocks(), longs(31, cramped.blocks()));
    assertEquals(4, offer(engine, 41, 42, 43, 44).blocks());
    assertFetched(engine, 4, 41, 42, 43, 44);
    audit(engine, 2);
  }

  /** Waits until what came late has let its slots go. */
  private static void awaitRoom(Engine engine) {
    EngineRig.awaitUntil(
        () -> engine.look(ledger -> ledger.space.withheldSlots()) == 0, "slots are let go");
  }

  private static long[] longs(long first, int count) {
    long[] lows = new long[count];
    for (int i = 0; i < count; i++) {
      lows[i] = first + i;
    }
    return lows;
  }

  @Test
  void whatIsBeingStoredStaysInPlaceUntilATierThatHangsAnswers() {
    var disk = new Disk(32, BLOCK);
    var tier = new LastingTier(disk);
    Engine engine = open(4, IMPATIENT, tier);
    tier.holding = true;
    try (Pool pool = engine.register(SPEC, memory)) {
      fill(keys(1, 2, 3));
      Job job = engine.put(keys(1, 2, 3), pool, upTo(3));
      assertEquals(3, over(job).blocks());
      assertEquals(0, job.finished().toCompletableFuture().join().blocks());
      fill(keys(11, 12, 13, 14));
      assertEquals(1, over(engine.put(keys(11, 12, 13, 14), pool, upTo(4))).blocks());
    }
    assertFetched(engine, 3, 1, 2, 3);
    var reset = engine.reset().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS);
    assertInstanceOf(
        IllegalStateException.class,
        assertThrows(CompletionException.class, reset::join).getCause());
    assertEquals(1, offer(engine, 21, 22, 23, 24).blocks());
    tier.letGo();
    awaitRoom(engine);
    for (long low = 1; low <= 3; low++) {
      byte[] bytes = disk.bytes[slotOf(disk, low)];
      for (int at = 0; at < BLOCK; at++) {
        assertEquals(pattern(low, at), bytes[at], "the tier read what came after it");
      }
    }
    assertEquals(4, offer(engine, 41, 42, 43, 44).blocks());
    assertFetched(engine, 4, 41, 42, 43, 44);
    assertFalse(memory.get(ValueLayout.JAVA_BYTE, place(0, 0)) == 0x55);
  }

  @Test
  void aScrubFindsAFlippedByte() {
    var disk = new Disk(8, BLOCK);
    Engine first = open(8, new LastingTier(disk));
    put(first, 1, 2, 3);
    first.close();
    int bad = slotOf(disk, 2);
    disk.bytes[bad][BLOCK - 1] ^= 1;
    var scrubbing = new Care(Duration.ofSeconds(10), 3, BLOCK * 1_000L);
    Engine engine = open(8, EngineSettings.DEFAULT.with(scrubbing), new LastingTier(disk));
    EngineRig.awaitUntil(() -> disk(engine).count(TierCount.SCRUBBED) >= 20, "blocks are scrubbed");
    assertEquals(1, disk(engine).corrupt());
    assertEquals(1, disk(engine).count(TierCount.QUARANTINED));
    assertEquals(1, engine.explain(keys(1, 2, 3)).blocks());
    assertEquals(Cause.CORRUPT, engine.explain(keys(1, 2, 3)).cause());
    EngineRig.awaitUntil(() -> disk.records.size() == 2, "the tier is told to forget it");
    assertFetched(engine, 1, 1, 2, 3);
    engine.reset().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    put(engine, 11, 12);
    assertFetched(engine, 2, 11, 12);
    audit(engine, 2);
  }

  @Test
  void aScrubThatHangsIsNoticedAndStopsNobody() {
    var disk = new Disk(8, BLOCK);
    Engine first = open(8, new LastingTier(disk, 1));
    put(first, 1, 2, 3);
    first.close();
    var tier = new LastingTier(disk, 1);
    tier.holding = true;
    var scrubbing = new Care(Duration.ofMillis(100), 3, BLOCK * 1_000L);
    Engine engine = open(8, EngineSettings.DEFAULT.with(scrubbing), tier);
    EngineRig.awaitUntil(
        () -> disk(engine).state() == TierState.RETIRED, "anybody notices that it hangs");
    assertEquals(2, offer(engine, 11, 12).blocks());
    assertFetched(engine, 2, 11, 12);
    audit(engine, 2);
    int known = engine.look(ledger -> ledger.index.size());
    assertEquals(3, known, "what is being read stays known");
    tier.letGo();
    EngineRig.awaitUntil(
        () -> engine.look(ledger -> ledger.index.size()) == 2, "what was read is let go");
    assertFetched(engine, 2, 11, 12);
    audit(engine, 2);
  }

  /** What is being read stays in use until the tier answers, whatever is dropped meanwhile. */
  @Test
  void aStoreWhoseScrubHangsIsEmptied() {
    var tier = new LastingTier(new Disk(8, BLOCK), 1);
    var scrubbing = new Care(Duration.ofMillis(100), 3, BLOCK * 1_000L);
    Engine engine = open(8, EngineSettings.DEFAULT.with(scrubbing), tier);
    put(engine, 1, 2, 3);
    tier.holding = true;
    EngineRig.awaitUntil(
        () -> disk(engine).state() == TierState.RETIRED, "anybody notices that it hangs");
    var reset = engine.reset().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS);
    String said = assertThrows(CompletionException.class, reset::join).toString();
    assertTrue(said.contains("Tier 'disk' is out of service"), said);
    audit(engine, 2);
    assertEquals(2, offer(engine, 11, 12).blocks());
    tier.letGo();
    EngineRig.awaitUntil(
        () -> engine.look(ledger -> ledger.index.size()) == 2, "what was read is let go");
    assertFetched(engine, 2, 11, 12);
    audit(engine, 2);
  }

  @Test
  void aSlotThatSpoiltABlockIsNotUsedAgainUntilTheNextStart() {
    var disk = new Disk(2, BLOCK);
    Engine first = open(8, new LastingTier(disk));
    put(first, 1, 2);
    first.close();
    int bad = slotOf(disk, 2);
    disk.bytes[bad][5] ^= 1;
    var tier = new LastingTier(disk);
    Engine engine = open(8, tier);
    assertFetched(engine, 1, 1, 2);
    assertEquals(1, disk(engine).corrupt());
    assertEquals(1, disk(engine).count(TierCount.QUARANTINED));
    for (long low = 10; low < 20; low++) {
      offer(engine, low);
    }
    assertFalse(tier.calls.contains("store " + bad), tier.calls.toString());
    assertTrue(tier.calls.contains("store " + (1 - bad)), tier.calls.toString());
    audit(engine, 2);
    engine.close();
    Engine again = open(8, new LastingTier(disk));
    assertEquals(0, disk(again).count(TierCount.QUARANTINED));
    put(again, 31, 32);
    assertEquals(2, disk.records.size());
  }
}
