package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.Ending.Cause;
import io.pagoda.Fault;
import io.pagoda.Match;
import io.pagoda.PagodaException;
import io.pagoda.Pool;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.LastingTier.Disk;
import io.pagoda.spi.tier.BatchResult;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Stores that are closed and opened again over tiers that outlive them. */
class RestartTest extends RestartRig {
  @Test
  void prefixesAndBranchesComeBack() {
    var disk = new Disk(32, BLOCK);
    Engine before = open(16, new LastingTier(disk));
    put(before, 1, 2, 3, 4);
    put(before, 1, 2, 13, 14);
    put(before, 21, 22);
    before.close();
    Engine after = open(16, new LastingTier(disk));
    audit(after, 2);
    assertEquals(8, count(after, 1, TierCount.READY));
    assertEquals(8, count(after, 1, TierCount.REVIVED));
    assertFetched(after, 4, 1, 2, 3, 4);
    assertFetched(after, 4, 1, 2, 13, 14);
    assertFetched(after, 2, 21, 22);
    put(after, 1, 2, 3, 4, 5);
    audit(after, 2);
    after.close();
    assertFetched(open(16, new LastingTier(disk)), 5, 1, 2, 3, 4, 5);
  }

  @Test
  void aBlockThatCannotBeReachedIsGivenUp() {
    var disk = new Disk(32, BLOCK);
    Engine before = open(16, new LastingTier(disk));
    put(before, 1, 2, 3, 4);
    put(before, 1, 12);
    before.close();
    disk.records.forget(slotOf(disk, 2));
    var tier = new LastingTier(disk);
    Engine after = open(16, tier);
    audit(after, 2);
    assertFetched(after, 1, 1, 2, 3, 4);
    assertFetched(after, 2, 1, 12);
    assertEquals(2, disk.records.size(), "what nobody can reach is forgotten");
    assertEquals(2, tier.calls.stream().filter(call -> call.startsWith("forget ")).count());
    assertEquals(2, count(after, 1, TierCount.USED));
  }

  @Test
  void aBlockWhoseParentIsGoneIsNotTakenForTheFirst() {
    var disk = new Disk(32, BLOCK);
    Engine before = open(16, new LastingTier(disk));
    put(before, 1, 2, 3);
    before.close();
    Records.Entry two = Objects.requireNonNull(disk.records.slots[slotOf(disk, 2)]);
    assertEquals(1, two.parentLow());
    Records.Entry one = Objects.requireNonNull(disk.records.slots[slotOf(disk, 1)]);
    assertEquals(0, one.parentLow() | one.parentHigh());
    // a ring of two has no beginning
    disk.records.put(slotOf(disk, 1), new Records.Entry(9, 77, 1, 77, 3, one.sums()));
    Engine after = open(16, new LastingTier(disk));
    audit(after, 2);
    assertEquals(0, after.explain(keys(1, 2, 3)).blocks());
    assertEquals(0, disk.records.size());
  }

  @Test
  void ofTwoBlocksWithOneKeyTheLaterCounts() {
    for (long seed = 0; seed < 8; seed++) {
      var disk = new Disk(32, BLOCK);
      disk.seed = seed;
      Engine before = open(16, new LastingTier(disk));
      put(before, 1, 2, 3);
      before.close();
      int slot = slotOf(disk, 2);
      Records.Entry right = Objects.requireNonNull(disk.records.slots[slot]);
      var older = new Records.Entry(0, 77, 2, 77, 1, new int[] {~right.sums()[0]});
      disk.records.put(31, older);
      Engine after = open(16, new LastingTier(disk));
      audit(after, 2);
      assertFetched(after, 3, 1, 2, 3);
      assertEquals(3, disk.records.size());
    }
  }

  @Test
  void aBlockMayBeInTwoTiers() {
    var one = new Disk(16, BLOCK);
    var two = new Disk(32, BLOCK);
    Engine before = open(16, new LastingTier(one), new LastingTier(two));
    put(before, 1, 2, 3);
    before.close();
    one.records.forget(slotOf(one, 2));
    int odd = slotOf(two, 3);
    Records.Entry three = Objects.requireNonNull(two.records.slots[odd]);
    two.records.put(odd, new Records.Entry(99, 77, 3, 77, 2, new int[] {three.sums()[0] + 1}));
    Engine after = open(16, new LastingTier(one), new LastingTier(two));
    audit(after, 3);
    Match match = after.match(keys(1, 2, 3));
    assertEquals(2, match.blocksAt("disk"));
    assertEquals(1, match.blocksAt("disk1"));
    match.close();
    assertEquals(2, two.records.size(), "of two versions one is given up");
    assertFetched(after, 3, 1, 2, 3);
  }

  @Test
  void theOldestLeavesFirstAndEndsBeforeBeginnings() {
    var disk = new Disk(6, BLOCK);
    Engine before = open(16, new LastingTier(disk));
    put(before, 1, 2);
    put(before, 11, 12);
    put(before, 21, 22);
    before.close();
    Engine after = open(16, new LastingTier(disk));
    put(after, 31);
    assertEquals(1, after.explain(keys(1, 2)).blocks());
    put(after, 31, 32);
    audit(after, 2);
    assertEquals(0, after.explain(keys(1, 2)).blocks());
    assertEquals(2, after.explain(keys(11, 12)).blocks());
    assertEquals(2, after.explain(keys(21, 22)).blocks());
  }

  @Test
  void whatWasReusedIsRememberedAsItIsNow() {
    var disk = new Disk(4, BLOCK);
    Engine before = open(16, new LastingTier(disk));
    for (long first = 10; first < 100; first += 10) {
      put(before, first, first + 1, first + 2);
    }
    before.close();
    Engine after = open(16, new LastingTier(disk));
    audit(after, 2);
    assertFetched(after, 3, 90, 91, 92);
  }

  @Test
  void aResetForgetsForGood() {
    var disk = new Disk(16, BLOCK);
    var tier = new LastingTier(disk);
    var emptied = new CompletableFuture<Void>();
    tier.emptied = emptied;
    Engine before = open(16, tier);
    put(before, 1, 2, 3);
    var reset = before.reset().toCompletableFuture();
    assertEquals("forgetAll", tier.calls.getLast());
    assertFalse(reset.isDone(), "what the tier has not promised is not done");
    try (Pool pool = before.register(SPEC, memory)) {
      var refused = before.put(keys(5), pool, new int[] {0}).settled().toCompletableFuture().join();
      assertEquals(0, refused.blocks(), "nothing is stored until then");
    }
    emptied.complete(null);
    reset.orTimeout(20, TimeUnit.SECONDS).join();
    put(before, 5, 6);
    before.close();
    Engine after = open(16, new LastingTier(disk));
    assertEquals(0, after.explain(keys(1, 2, 3)).blocks());
    assertFetched(after, 2, 5, 6);
  }

  @Test
  void aResetDuringAResetWaitsForTheSame() {
    var tier = new LastingTier(new Disk(16, BLOCK));
    var emptied = new CompletableFuture<Void>();
    tier.emptied = emptied;
    Engine engine = open(16, tier);
    put(engine, 1, 2, 3);
    var first = engine.reset().toCompletableFuture();
    var second = engine.reset().toCompletableFuture();
    assertEquals(1, tier.calls.stream().filter("forgetAll"::equals).count());
    assertFalse(second.isDone());
    emptied.complete(null);
    CompletableFuture.allOf(first, second).orTimeout(20, TimeUnit.SECONDS).join();
    put(engine, 1, 2);
    assertFetched(engine, 2, 1, 2);
  }

  @Test
  void aResetThatATierCannotPromiseFails() {
    var tier = new LastingTier(new Disk(16, BLOCK));
    tier.emptied =
        CompletableFuture.failedStage(new PagodaException(Fault.PERMANENT, "cannot forget"));
    Engine engine = open(16, tier);
    var reset = engine.reset().toCompletableFuture();
    Throwable thrown =
        assertThrows(Exception.class, () -> reset.get(20, TimeUnit.SECONDS)).getCause();
    assertNotEquals(null, thrown);
    put(engine, 1, 2);
  }

  @Test
  void aStoreThatFailedLeavesNoRecordOfWhatWasThereBefore() {
    var disk = new Disk(2, BLOCK);
    var tier = new LastingTier(disk);
    Engine engine = open(16, tier);
    put(engine, 1, 2);
    tier.fate = (_, _) -> new BatchResult.Failed(new PagodaException(Fault.TRANSIENT, "no room"));
    fill(keys(11, 12));
    try (Pool pool = engine.register(SPEC, memory)) {
      engine.put(keys(11, 12), pool, upTo(2)).finished().toCompletableFuture().join();
    }
    assertEquals(0, engine.match(keys(1, 2)).blocksAt("disk"));
    assertEquals(0, disk.records.size(), "evicted for others, and not overwritten");
  }

  @Test
  void aCorruptBlockEndsItsPrefixAndIsForgotten() {
    var disk = new Disk(16, BLOCK);
    Engine before = open(16, new LastingTier(disk));
    put(before, 1, 2, 3, 4);
    before.close();
    disk.bytes[slotOf(disk, 3)][BLOCK - 1] ^= 1;
    Engine after = open(16, new LastingTier(disk));
    assertFetched(after, 2, 1, 2, 3, 4);
    assertEquals(Cause.CORRUPT, after.explain(keys(1, 2, 3, 4)).cause());
    assertEquals(3, disk.records.size());
    audit(after, 2);
  }

  @Test
  void tiersLearnTheShapeOfTheirSeals() {
    var disk = new Disk(16, BLOCK);
    open(16, new LastingTier(disk));
    assertEquals(1, Objects.requireNonNull(disk.shape).checksums());
  }
}
