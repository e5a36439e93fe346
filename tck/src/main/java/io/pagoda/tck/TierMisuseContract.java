package io.pagoda.tck;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.spi.tier.BlockBatch;
import org.junit.jupiter.api.Test;

/**
 * A tier refuses what does not fit it. Every refused batch here is right up to its last block, so
 * that a tier that moves blocks before it has checked all of them is found out.
 */
public interface TierMisuseContract extends TierUnderTest {
  /** There is no slot below 0. */
  @Test
  default void refusesASlotBelowTheFirst() {
    for (int slot : new int[] {-1, Integer.MIN_VALUE}) {
      try (var trial = new Trial(this)) {
        refusesSlot(trial, slot);
      }
    }
  }

  /** There is no slot {@code spec().slots()}. */
  @Test
  default void refusesASlotBeyondTheLast() {
    for (int beyond : new int[] {0, 1, 1 << 20}) {
      try (var trial = new Trial(this)) {
        refusesSlot(trial, trial.spec().slots() + beyond);
      }
    }
  }

  private static void refusesSlot(Trial trial, int slot) {
    new Refusal(trial, IndexOutOfBoundsException.class)
        .of((memory, keys) -> memory.batch(new int[] {0, 1, slot}, keys));
  }

  /** Memory is aligned as the spec asks. */
  @Test
  default void refusesMisalignedMemory() {
    for (int shift : new int[] {1, 8, 512}) {
      try (var trial = new Trial(this)) {
        assumeTrue(trial.spec().alignment() > shift, "the tier takes memory at such addresses");
        new Refusal(trial, IllegalArgumentException.class)
            .of((memory, keys) -> shifted(memory, keys, shift));
      }
    }
  }

  /** {@return a batch whose last block is {@code shift} bytes away from where it may be} */
  private static BlockBatch shifted(HostBlocks memory, long[] keys, int shift) {
    long[] offsets = {memory.offset(0), memory.offset(1), memory.offset(2) + shift};
    return memory.batch(offsets, new int[] {0, 1, 2}, keys);
  }

  /** A range lies within the blocks of the tier. */
  @Test
  default void refusesARangeOutsideItsBlocks() {
    try (var trial = new Trial(this)) {
      refusesRange(trial, 0, trial.spec().blockBytes() + 1);
    }
    try (var trial = new Trial(this)) {
      refusesRange(trial, trial.spec().blockBytes(), 1);
    }
  }

  /** Tries a range of blocks that are twice as long as the tier's. */
  private static void refusesRange(Trial trial, long offset, long bytes) {
    long twice = 2 * trial.spec().blockBytes();
    new Refusal(trial, IllegalArgumentException.class).of((memory, keys) -> {
      long[] offsets = {memory.offset(0), memory.offset(1), memory.offset(1)};
      long[] words = HostBlocks.words(keys);
      return BlockBatch.of(memory.memory(), offsets, new int[] {0, 1, 2}, words, twice)
          .range(offset, bytes);
    });
  }
}
