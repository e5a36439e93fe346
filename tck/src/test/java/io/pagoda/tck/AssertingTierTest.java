package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Every way in which a caller may break the contract is told. */
class AssertingTierTest {
  private static final TierSpec SPEC = new TierSpec(Medium.DISK, 8, 256, 1, 3);

  private final HeldTier held = new HeldTier(new MemoryTier(SPEC));
  private final AssertingTier tier = new AssertingTier(held);
  private final Arena arena = Arena.ofAuto();

  private HostBlocks blocks(int count) {
    return new HostBlocks(tier.spec(), count, arena);
  }

  private BlockBatch batch(int... slots) {
    return blocks(slots.length).batch(slots, new long[slots.length]);
  }

  private void breaks(String how, Executable call) {
    var breach = assertThrows(AssertionError.class, call);
    assertTrue(breach.toString().contains(how), breach::toString);
    assertTrue(tier.breaches().contains(breach));
    assertEquals(breach, assertThrows(AssertionError.class, tier::close));
    tier.close();
  }

  private void endsWith(String how) {
    var breach = assertThrows(AssertionError.class, tier::close);
    assertTrue(breach.toString().contains(how), breach::toString);
    tier.close();
  }

  private void load(BlockBatch batch) {
    tier.load(batch, _ -> {});
  }

  private void store(BlockBatch batch) {
    tier.store(batch, _ -> {});
  }

  @Test
  void toldOfNothingItSaysNothing() {
    load(batch(1, 2, 1));
    load(batch(2, 3));
    store(batch(4, 5));
    held.release(2);
    store(batch(4));
    held.releaseAll();
    tier.close();
    tier.close();
    assertEquals(0, tier.breaches().size());
  }

  @Test
  void noStoreToASlotThatIsLoaded() {
    load(batch(1, 2));
    breaks("Slot 2 is in use", () -> store(batch(3, 2)));
  }

  @Test
  void noLoadOfASlotThatIsStored() {
    store(batch(1, 2));
    breaks("Slot 1 is in use", () -> load(batch(1)));
  }

  @Test
  void noSlotTwiceInAStore() {
    breaks("Slot 6 is in use", () -> store(batch(6, 7, 6)));
  }

  @Test
  void aRefusedBatchOccupiesNothing() {
    load(batch(2));
    assertThrows(AssertionError.class, () -> store(batch(3, 4, 2)));
    assertThrows(IndexOutOfBoundsException.class, () -> store(batch(5, 8)));
    store(batch(3, 4, 5));
    held.releaseAll();
    assertEquals(1, tier.breaches().size());
    assertThrows(AssertionError.class, tier::close);
  }

  @Test
  void notMoreBatchesThanTheSpecSays() {
    load(batch(1));
    load(batch(1));
    load(batch(1));
    breaks("More than 3 batches", () -> load(batch(1)));
  }

  @Test
  void nobodyWritesToTheMemoryOfAStore() {
    HostBlocks source = blocks(2);
    store(source.batch(new int[] {1, 2}, new long[2]));
    source.block(1).set(ValueLayout.JAVA_BYTE, 255, (byte) 1);
    held.releaseAll();
    endsWith("Somebody wrote");
  }

  @Test
  void nobodyWritesToTheMemoryOfALoad() {
    HostBlocks target = blocks(1);
    load(target.batch(new int[] {1}, new long[1]));
    target.fill(0, 9);
    held.releaseAll();
    endsWith("Somebody wrote");
  }

  @Test
  void memoryIsAliveWhenABatchBegins() {
    BlockBatch batch;
    try (Arena gone = Arena.ofShared()) {
      batch = new HostBlocks(tier.spec(), 1, gone).batch(new int[] {1}, new long[1]);
    }
    breaks("gone before the call", () -> load(batch));
  }

  @Test
  void memoryIsAliveUntilALoadEnds() {
    try (Arena gone = Arena.ofShared()) {
      load(new HostBlocks(tier.spec(), 1, gone).batch(new int[] {1}, new long[1]));
    }
    held.releaseAll();
    endsWith("went before the batch ended");
  }

  @Test
  void aCompletionThrowsNothing() {
    Completion angry = _ -> {
      throw new IllegalArgumentException("thrown by a completion");
    };
    tier.load(batch(1), angry);
    assertThrows(IllegalArgumentException.class, held::releaseAll);
    endsWith("The completion threw");
  }

  @Test
  void aTierCompletesOnce() {
    var twice = new Liar() {
      @Override
      public void load(BlockBatch batch, Completion completion) {
        super.load(batch, completion);
        completion.complete(BatchResult.COMPLETE);
      }
    };
    var results = new ArrayList<BatchResult>();
    var asserting = new AssertingTier(twice);
    var memory = new HostBlocks(asserting.spec(), 1, arena);
    asserting.load(memory.batch(new int[] {1}, new long[1]), results::add);
    assertEquals(1, results.size());
    var breach = assertThrows(AssertionError.class, asserting::close);
    assertTrue(breach.toString().contains("twice"), breach::toString);
  }

  @Test
  void aTierCompletesBeforeItCloses() {
    var silent = new Liar() {
      @Override
      public void load(BlockBatch batch, Completion completion) {
        super.load(batch, Liar::ignore);
      }
    };
    var asserting = new AssertingTier(silent);
    var memory = new HostBlocks(asserting.spec(), 1, arena);
    asserting.load(memory.batch(new int[] {1}, new long[1]), Liar::ignore);
    var breach = assertThrows(AssertionError.class, asserting::close);
    assertTrue(breach.toString().contains("1 batches in flight"), breach::toString);
  }
}
