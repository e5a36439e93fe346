package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each misdeed is what it is said to be, both ways, and a seed repeats it. */
class FaultyTierTest {
  private static final int[] SLOTS = {2, 3, 4};
  private static final long[] SEEDS = {102, 103, 104};

  private final MemoryTier memory = new MemoryTier(8, 600);
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    memory.close();
    arena.close();
  }

  private FaultyTier tier(Misdeed misdeed) {
    return new FaultyTier(memory, FaultPlan.script(misdeed), new Random(7));
  }

  private HostBlocks blocks() {
    return new HostBlocks(memory.spec(), 3, arena);
  }

  private BatchResult store(FaultyTier tier) {
    HostBlocks source = blocks();
    for (int i = 0; i < 3; i++) {
      source.fill(i, SEEDS[i]);
    }
    var results = new ArrayList<BatchResult>();
    tier.store(source.batch(SLOTS, SEEDS), results::add);
    source.check();
    assertEquals(1, results.size());
    return results.getFirst();
  }

  private BatchResult load(FaultyTier tier, HostBlocks target) {
    var results = new ArrayList<BatchResult>();
    tier.load(target.batch(SLOTS, SEEDS), results::add);
    assertEquals(1, results.size());
    return results.getFirst();
  }

  /** {@return which of the three patterns each of three blocks holds, or −1} */
  private static List<Integer> recognised(MemorySegment... blocks) {
    var found = new ArrayList<Integer>();
    for (MemorySegment block : blocks) {
      found.add(recognised(block));
    }
    return found;
  }

  private static int recognised(MemorySegment block) {
    var pattern = MemorySegment.ofArray(new byte[600]);
    for (int i = 0; i < 3; i++) {
      Pattern.write(pattern, SEEDS[i]);
      if (block.mismatch(pattern) < 0) {
        return i;
      }
    }
    return -1;
  }

  private List<Integer> stored() {
    return recognised(slot(2), slot(3), slot(4));
  }

  private MemorySegment slot(int slot) {
    return memory.memory().asSlice(memory.offset(slot), 600);
  }

  private static List<Integer> loaded(HostBlocks target) {
    return recognised(target.block(0), target.block(1), target.block(2));
  }

  @Test
  void failsAndLeavesNoise() {
    assertInstanceOf(BatchResult.Failed.class, store(tier(Misdeed.FAIL)));
    assertEquals(List.of(-1, -1, -1), stored());
    store(tier(Misdeed.NONE));
    HostBlocks target = blocks();
    assertInstanceOf(BatchResult.Failed.class, load(tier(Misdeed.FAIL), target));
    assertEquals(List.of(-1, -1, -1), loaded(target));
    assertEquals(List.of(0, 1, 2), stored());
  }

  @Test
  void missesWhatItSaysAndMovesTheRest() {
    BatchResult storing = store(tier(Misdeed.MISS));
    assertInstanceOf(BatchResult.Partial.class, storing);
    assertEquals(moved(storing), stored());
    store(tier(Misdeed.NONE));
    HostBlocks target = blocks();
    BatchResult loading = load(tier(Misdeed.MISS), target);
    assertInstanceOf(BatchResult.Partial.class, loading);
    assertEquals(moved(loading), loaded(target));
  }

  private static List<Integer> moved(BatchResult result) {
    var moved = new ArrayList<Integer>();
    for (int i = 0; i < 3; i++) {
      moved.add(result.moved(i) ? i : -1);
    }
    return moved;
  }

  @Test
  void corruptsOneBlockInSilence() {
    assertEquals(BatchResult.COMPLETE, store(tier(Misdeed.CORRUPT)));
    assertEquals(1, stored().stream().filter(block -> block < 0).count());
    store(tier(Misdeed.NONE));
    HostBlocks target = blocks();
    assertEquals(BatchResult.COMPLETE, load(tier(Misdeed.CORRUPT), target));
    assertEquals(1, loaded(target).stream().filter(block -> block < 0).count());
  }

  @Test
  void swapsBlocksInSilence() {
    assertEquals(BatchResult.COMPLETE, store(tier(Misdeed.SWAP)));
    assertEquals(List.of(2, 0, 1), stored());
    store(tier(Misdeed.NONE));
    HostBlocks target = blocks();
    assertEquals(BatchResult.COMPLETE, load(tier(Misdeed.SWAP), target));
    assertEquals(List.of(2, 0, 1), loaded(target));
  }

  @Test
  void losesABatchInSilence() {
    assertEquals(BatchResult.COMPLETE, store(tier(Misdeed.LOSE)));
    assertEquals(List.of(-1, -1, -1), stored());
    store(tier(Misdeed.NONE));
    HostBlocks target = blocks();
    assertEquals(BatchResult.COMPLETE, load(tier(Misdeed.LOSE), target));
    target.check();
  }

  @Test
  void neverTouchesBytesBesideABatch() {
    for (Misdeed misdeed : Misdeed.values()) {
      HostBlocks target = blocks();
      load(tier(misdeed), target);
      for (int i = 0; i < 3; i++) {
        target.expect(i, target.block(i));
      }
      target.check();
    }
  }

  @Test
  void aSeedRepeatsAPlan() {
    assertEquals(history(5), history(5));
    assertNotEquals(history(5), history(6));
  }

  private List<Misdeed> history(long seed) {
    var history = new ArrayList<Misdeed>();
    var plan = FaultPlan.random(new Random(seed), 0.5, Misdeed.FAIL, Misdeed.SWAP);
    FaultPlan recorded = (direction, batch) -> {
      Misdeed next = plan.next(direction, batch);
      history.add(next);
      return next;
    };
    var tier = new FaultyTier(memory, recorded, new Random(seed));
    for (int i = 0; i < 50; i++) {
      store(tier);
    }
    long harmed = history.stream().filter(misdeed -> misdeed != Misdeed.NONE).count();
    assertEquals(harmed, tier.committed());
    assertTrue(harmed > 5, () -> "harmed only " + harmed);
    return history;
  }

  @Test
  void restrictsAPlanToOneDirection() {
    var plan = FaultPlan.script(Misdeed.FAIL).only(FaultPlan.Direction.LOAD);
    var tier = new FaultyTier(memory, plan, new Random(1));
    assertEquals(BatchResult.COMPLETE, store(tier));
    assertInstanceOf(BatchResult.Failed.class, load(tier, blocks()));
    assertEquals(BatchResult.COMPLETE, load(tier, blocks()));
  }

  @Test
  void passesHarmedBatchesThroughTheTierBeneath() {
    var held = new HeldTier(memory);
    var plan = FaultPlan.script(Misdeed.LOSE, Misdeed.SWAP);
    var tier = new FaultyTier(held, plan, new Random(1));
    var results = new ArrayList<BatchResult>();
    HostBlocks memories = blocks();
    tier.store(memories.batch(SLOTS, SEEDS), results::add);
    tier.load(memories.batch(SLOTS, SEEDS), results::add);
    assertEquals(2, held.held());
    assertEquals(0, results.size());
    tier.close();
    assertEquals(List.of(BatchResult.COMPLETE, BatchResult.COMPLETE), results);
    assertThrows(IllegalStateException.class, () -> store(tier));
  }
}
