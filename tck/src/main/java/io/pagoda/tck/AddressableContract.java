package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.spi.tier.Addressable;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The slots of an {@link Addressable} tier are its memory. Skipped by tiers of other kinds. */
public interface AddressableContract extends TierUnderTest {
  private static Addressable addressable(Trial trial) {
    var ability = trial.tier().ability(Addressable.class);
    assumeTrue(ability.isPresent(), "the tier's slots are not host memory");
    return ability.orElseThrow();
  }

  private static MemorySegment slot(Trial trial, Addressable addressable, int slot) {
    return addressable.memory().asSlice(addressable.offset(slot), trial.spec().blockBytes());
  }

  /** The memory is one native segment that every thread may use. */
  @Test
  default void isOneNativeSegmentForAllThreads() {
    try (var trial = new Trial(this)) {
      var addressable = addressable(trial);
      MemorySegment memory = addressable.memory();
      assertTrue(memory.isNative(), "native");
      assertEquals(memory, addressable.memory());
      trial.inThreads(2, _ -> assertTrue(memory.isAccessibleBy(Thread.currentThread())));
    }
  }

  /** Slots lie apart. */
  @Test
  default void keepsSlotsApart() {
    try (var trial = new Trial(this)) {
      var addressable = addressable(trial);
      long[] starts =
          Arrays.stream(trial.slots()).mapToLong(addressable::offset).sorted().toArray();
      for (int i = 1; i < starts.length; i++) {
        long apart = starts[i] - starts[i - 1];
        assertTrue(apart >= trial.spec().blockBytes(), () -> "slots are only " + apart + " apart");
      }
    }
  }

  /** A slot that the tier does not have is nowhere. */
  @Test
  default void hasNoOffsetForOtherSlots() {
    try (var trial = new Trial(this)) {
      var addressable = addressable(trial);
      for (int slot : new int[] {-1, trial.spec().slots(), Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        assertThrows(IndexOutOfBoundsException.class, () -> addressable.offset(slot), "" + slot);
      }
    }
  }

  /** What a store brought is in the slot's memory, and nothing else has changed. */
  @Test
  default void showsStoredBytesInItsMemory() {
    try (var trial = new Trial(this)) {
      var addressable = addressable(trial);
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(5_000);
      HostBlocks expected = trial.memory(1);
      for (int i = 0; i < slots.length; i++) {
        expected.fill(0, seeds[i]);
        long at = slot(trial, addressable, slots[i]).mismatch(expected.block(0));
        assertEquals(-1, at, "first wrong byte of slot " + slots[i]);
      }
    }
  }

  /** What is written to a slot's memory is what a load brings. */
  @Test
  default void loadsBytesWrittenToItsMemory(Random random) {
    try (var trial = new Trial(this)) {
      var addressable = addressable(trial);
      int[] slots = trial.slots();
      long[] seeds = random.longs(slots.length).toArray();
      for (int i = 0; i < slots.length; i++) {
        Pattern.write(slot(trial, addressable, slots[i]), seeds[i]);
      }
      trial.expect(slots, seeds);
    }
  }
}
