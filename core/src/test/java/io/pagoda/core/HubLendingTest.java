package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Pool;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.peer.Lender;
import io.pagoda.core.peer.Loan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is lent stays where it is, and as it is, until it is given back. */
@Timeout(60)
class HubLendingTest extends EngineRig {
  private static final EngineSettings SETTINGS =
      new EngineSettings(Duration.ofSeconds(20), Duration.ofSeconds(20), 2);
  private static final Duration WITHIN = Duration.ofSeconds(20);
  private static final byte L = Loan.LENT;
  private static final byte A = Loan.ABSENT;
  private static final byte B = Loan.BUSY;

  private final BlockStore store = store(8, SETTINGS);
  private final Lender lender = ((Engine) store).lender(0.5);
  private final Pool pool = store.register(SPEC, memory);

  private void put(BlockKeys keys) {
    int[] blocks = upTo(keys.size());
    fill(keys, blocks);
    assertEquals(keys.size(), await(store.put(keys, pool, blocks)).blocks());
  }

  private byte[] lent(Loan loan, int index) {
    return lender.memory().asSlice(loan.offsets()[index], BLOCK).toArray(ValueLayout.JAVA_BYTE);
  }

  private static int crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Test
  void whatIsLentDoesNotMoveWhileOthersComeAndGo() {
    put(keys(1, 3));
    Loan loan = lender.lend(keys(1, 3), WITHIN, () -> {});
    byte[][] before = {lent(loan, 0), lent(loan, 1), lent(loan, 2)};
    for (int i = 0; i < 3; i++) {
      assertEquals(crc(before[i]), loan.checksums()[i]);
    }
    for (int round = 0; round < 20; round++) {
      put(keys(100 + 10L * round, 5));
    }
    assertEquals(3, lender.held(keys(1, 3)));
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(before[i], lent(loan, i));
    }
    loan.close();
    awaitUntil(() -> {
      await(store.put(keys(1000, 8), pool, upTo(8)));
      return lender.held(keys(1, 3)) == 0;
    }, "what was given back may leave");
  }

  @Test
  void asMuchIsLentAsMayBe() {
    BlockKeys all = keys(1, 8);
    put(all.prefix(6));
    Loan first = lender.lend(all.prefix(3), WITHIN, () -> {});
    assertArrayEquals(new byte[] {L, L, L}, first.states());
    Loan second = lender.lend(all.range(2, 8), WITHIN, () -> {});
    assertArrayEquals(new byte[] {L, B, B, B, A, A}, second.states());
    assertEquals(1, second.offsets().length);
    first.close();
    awaitUntil(() -> {
      Loan third = lender.lend(all.range(3, 6), WITHIN, () -> {});
      third.close();
      return third.offsets().length == 3;
    }, "more may be lent again");
    second.close();
  }

  @Test
  void aResetRecallsAndWaits() {
    put(keys(1, 3));
    var recalled = new CompletableFuture<Boolean>();
    Loan loan = lender.lend(keys(1, 3), WITHIN, () -> recalled.complete(true));
    byte[] before = lent(loan, 2);
    CompletableFuture<Void> gone = store.reset().toCompletableFuture();
    assertTrue(recalled.join());
    assertFalse(gone.isDone());
    assertEquals(0, lender.held(keys(1, 3)), "nothing is lent anew meanwhile");
    assertEquals(0, lender.some(10).size());
    assertArrayEquals(before, lent(loan, 2));
    loan.close();
    gone.join();
    put(keys(1, 8));
  }

  @Test
  void aBlockThatHasChangedIsDroppedWhenItIsDoubted() {
    put(keys(1, 3));
    Loan loan = lender.lend(keys(1, 3), WITHIN, () -> {});
    MemorySegment hub = lender.memory();
    long at = loan.offsets()[1] + 5;
    lender.doubt(keys(1, 3));
    assertEquals(3, lender.held(keys(1, 3)), "what is right stays");
    hub.set(ValueLayout.JAVA_BYTE, at, (byte) (hub.get(ValueLayout.JAVA_BYTE, at) ^ 4));
    loan.close();
    awaitUntil(() -> {
      lender.doubt(keys(1, 3));
      return lender.held(keys(1, 3)) == 1;
    }, "the wrong block is not lent");
    awaitUntil(
        () -> store.statistics().tiers().getFirst().count(TierCount.QUARANTINED) == 1,
        "its slot is not used again");
    assertEquals(1, store.statistics().tiers().getFirst().count(TierCount.CORRUPT));
    put(keys(1, 3));
    assertEquals(3, lender.held(keys(1, 3)));
  }

  /** To look at a block lends nothing; one that is wrong is not lent, even while others read it. */
  @Test
  void whatIsKnownToBeWrongIsNotLent() {
    put(keys(1, 3));
    Loan loan = lender.lend(keys(1, 3), WITHIN, () -> {});
    long total = store.statistics().tiers().getFirst().count(TierCount.LENT);
    MemorySegment hub = lender.memory();
    long at = loan.offsets()[1] + 5;
    hub.set(ValueLayout.JAVA_BYTE, at, (byte) (hub.get(ValueLayout.JAVA_BYTE, at) ^ 4));
    lender.doubt(keys(1, 8));
    assertEquals(3, lender.lent());
    assertEquals(total, store.statistics().tiers().getFirst().count(TierCount.LENT));
    assertEquals(1, lender.held(keys(1, 3)));
    assertEquals(2, lender.some(10).size(), "nobody is told of it either");
    Loan other = lender.lend(keys(1, 3).range(1, 2), WITHIN, () -> {});
    assertArrayEquals(new byte[] {A}, other.states());
    other.close();
    loan.close();
    awaitUntil(
        () -> store.statistics().tiers().getFirst().count(TierCount.QUARANTINED) == 1,
        "it is dropped when nobody reads it");
    assertEquals(0, lender.lent());
  }

  @Test
  void someAreThere() {
    assertEquals(0, lender.some(10).size());
    put(keys(1, 3));
    assertEquals(2, lender.some(2).size());
    BlockKeys some = lender.some(100);
    assertEquals(3, some.size());
    assertEquals(3, lender.held(some));
  }
}
