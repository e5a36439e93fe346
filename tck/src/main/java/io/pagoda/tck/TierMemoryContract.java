package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.spi.tier.HubNeighbour;
import io.pagoda.spi.tier.Zoned;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A tier touches the memory of a batch, nothing beside it, and only until it completes. */
public interface TierMemoryContract extends TierUnderTest {
  /** Blocks may lie anywhere in a batch's memory; the bytes between them stay as they were. */
  @Test
  default void writesNothingBesideTheMemoryOfALoad() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(1_000);
      HostBlocks target = trial.memory(2 * slots.length);
      long[] offsets = new long[slots.length];
      for (int i = 0; i < slots.length; i++) {
        int block = 2 * (slots.length - 1 - i) + 1;
        offsets[i] = target.offset(block);
        target.expect(block, seeds[i]);
      }
      trial.load(target.batch(offsets, slots, seeds), target::check).arrives(trial.patience());
    }
  }

  /** A store reads its memory and leaves it as it was. */
  @Test
  default void leavesTheMemoryOfAStoreAlone() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      long[] seeds = Arrays.stream(slots).mapToLong(slot -> 1_100L + slot).toArray();
      HostBlocks source = trial.memory(slots.length);
      IntStream.range(0, slots.length).forEach(i -> source.fill(i, seeds[i]));
      trial.store(source.batch(slots, seeds), source::check).arrives(trial.patience());
      trial.closeTier();
      source.check();
    }
  }

  /** A tier that knows where memory will be moves the same bytes, there and elsewhere. */
  @Test
  default void movesTheSameBytesWhenItKnowsTheMemory() {
    try (var trial = new Trial(this)) {
      var neighbour = trial.tier().ability(HubNeighbour.class);
      assumeTrue(neighbour.isPresent(), "the tier does not mind where memory is");
      int[] slots = trial.slots();
      HostBlocks known = trial.memory(slots.length);
      long[] seeds = Arrays.stream(slots).mapToLong(slot -> 1_500L + slot).toArray();
      neighbour.orElseThrow().meet(known.batch(slots, seeds).memory());
      IntStream.range(0, slots.length).forEach(i -> known.fill(i, seeds[i]));
      trial.store(known.batch(slots, seeds), known::check).arrives(trial.patience());
      trial.expect(slots, seeds);
      long[] later = trial.fillAll(1_600);
      IntStream.range(0, slots.length).forEach(i -> known.expect(i, later[i]));
      trial.load(known.batch(slots, later), known::check).arrives(trial.patience());
    }
  }

  /** A slot is on one of the tier's media, and stays there. */
  @Test
  default void tellsWhichMediumEachSlotIsOn() {
    try (var trial = new Trial(this)) {
      var zoned = trial.tier().ability(Zoned.class);
      assumeTrue(zoned.isPresent(), "the tier does not say that it has several media");
      Zoned media = zoned.orElseThrow();
      for (int slot = 0; slot < trial.tier().spec().slots(); slot++) {
        int zone = media.zone(slot);
        assertTrue(zone >= 0 && zone < media.zones(), "slot " + slot + " is on medium " + zone);
        assertEquals(zone, media.zone(slot));
      }
      assertThrows(IndexOutOfBoundsException.class, () -> media.zone(-1));
      int slots = trial.tier().spec().slots();
      assertThrows(IndexOutOfBoundsException.class, () -> media.zone(slots));
    }
  }

  /** Once a load has completed its memory is the caller's again: the tier writes no more to it. */
  @Test
  default void writesNothingAfterALoadHasCompleted() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(1_200);
      HostBlocks target = trial.memory(slots.length);
      trial.load(target.batch(slots, seeds), target::scribble).arrives(trial.patience());
      target.check();
      trial.closeTier();
      target.check();
    }
  }

  /** The memory of a batch may be gone as soon as the batch has completed. */
  @Test
  default void keepsNoReferenceToTheMemoryOfABatch() {
    try (var trial = new Trial(this)) {
      for (int round = 0; round < 4; round++) {
        storeFromAndLoadIntoShortLivedMemory(trial, 1_300 + round);
      }
    }
  }

  /** Frees the memory of each batch right after it completed. */
  private static void storeFromAndLoadIntoShortLivedMemory(Trial trial, long seed) {
    int[] slots = {1, 7};
    long[] seeds = {seed, seed + 10};
    try (Arena arena = Arena.ofShared()) {
      HostBlocks source = trial.memory(2, arena);
      source.fill(0, seeds[0]);
      source.fill(1, seeds[1]);
      trial.store(source.batch(slots, seeds), source::check).arrives(trial.patience());
    }
    try (Arena arena = Arena.ofShared()) {
      HostBlocks target = trial.memory(2, arena);
      target.expect(0, seeds[0]);
      target.expect(1, seeds[1]);
      trial.load(target.batch(slots, seeds), target::check).arrives(trial.patience());
    }
  }
}
