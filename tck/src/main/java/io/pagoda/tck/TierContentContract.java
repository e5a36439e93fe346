package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A tier keeps bytes: what is loaded is what was stored, in whole blocks and in ranges. */
public interface TierContentContract extends TierUnderTest {
  /** The spec is one value, and an ability that nobody has heard of is absent. */
  @Test
  default void offersTheSameAtEveryCall() {
    try (var trial = new Trial(this)) {
      trial.fillAll(1);
      assertEquals(trial.spec(), trial.tier().spec());
      trial.inThreads(2, _ -> assertEquals(trial.spec(), trial.tier().spec()));
      assertTrue(trial.tier().ability(Trial.Call.class).isEmpty());
    }
  }

  /** What one batch stored, another brings back, and so does a batch per block. */
  @Test
  default void loadsWhatWasStored() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(100);
      trial.expect(slots, seeds);
      for (int i = 0; i < slots.length; i++) {
        trial.expect(slots[i], seeds[i]);
      }
    }
  }

  /** The order of slots in a batch is the caller's. */
  @Test
  default void takesSlotsInAnyOrder(Random random) {
    try (var trial = new Trial(this)) {
      int[] slots = shuffled(trial.slots(), random);
      long[] seeds = Arrays.stream(slots).mapToLong(slot -> 200L + slot).toArray();
      trial.store(slots, seeds);
      int[] others = shuffled(slots, random);
      trial.expect(others, Arrays.stream(others).mapToLong(slot -> 200L + slot).toArray());
    }
  }

  /** Shuffles a copy. */
  private static int[] shuffled(int[] slots, Random random) {
    int[] shuffled = slots.clone();
    for (int i = shuffled.length; i > 1; i--) {
      int other = random.nextInt(i);
      int slot = shuffled[i - 1];
      shuffled[i - 1] = shuffled[other];
      shuffled[other] = slot;
    }
    return shuffled;
  }

  /** A store replaces its slot, and no other. */
  @Test
  default void replacesOnlyTheSlotsThatItStores() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(300);
      for (int i : new int[] {0, slots.length / 2, slots.length - 1}) {
        seeds[i] += 1_000;
        trial.store(slots[i], seeds[i]);
        trial.expect(slots, seeds);
      }
    }
  }

  /** A batch may load one slot twice. */
  @Test
  default void loadsOneSlotTwiceInABatch() {
    try (var trial = new Trial(this)) {
      trial.store(new int[] {3, 4}, new long[] {403, 404});
      trial.expect(new int[] {3, 4, 3, 3}, new long[] {403, 404, 403, 403});
    }
  }

  /** A range of each block may be loaded alone, wherever it starts and ends. */
  @Test
  default void loadsRangesOfBlocks() {
    try (var trial = new Trial(this)) {
      int[] slots = {0, trial.spec().slots() - 1, 5};
      long[] seeds = {500, 501, 502};
      trial.store(slots, seeds);
      for (long[] range : ranges(trial.spec())) {
        loadRange(trial, slots, seeds, range);
      }
    }
  }

  /** Loads and compares one range of each slot. */
  private static void loadRange(Trial trial, int[] slots, long[] seeds, long[] range) {
    HostBlocks target = trial.memory(slots.length);
    for (int i = 0; i < slots.length; i++) {
      target.expect(i, bytes(seeds[i], range[0], range[1]));
    }
    trial.load(target.batch(slots, seeds).range(range[0], range[1]), target::check)
        .arrives(trial.patience());
  }

  /** {@return a part of a pattern} */
  private static MemorySegment bytes(long seed, long from, long count) {
    MemorySegment part = MemorySegment.ofArray(new byte[Math.toIntExact(count)]);
    Pattern.write(part, seed, from);
    return part;
  }

  /** {@return ranges of a block, as offset and length: ends, middles, aligned and not} */
  private static long[][] ranges(TierSpec spec) {
    long block = spec.blockBytes();
    long half = Math.max(spec.alignment(), block / 2 / spec.alignment() * spec.alignment());
    long[][] all = {{0, block}, {0, Math.min(half, block)}, {half, block - half}, {0, 1},
      {block - 1, 1}, {block / 3, block / 2}, {1, block - 2}};
    return Arrays.stream(all).filter(range -> range[1] > 0).toArray(long[][]::new);
  }

  /** A range of each block may be stored alone; the rest of the block stays. */
  @Test
  default void storesRangesOfBlocks() {
    try (var trial = new Trial(this)) {
      for (long[] range : ranges(trial.spec())) {
        storeRange(trial, range);
      }
    }
  }

  /** Stores a range over two whole blocks, and looks at these and at a bystander. */
  private static void storeRange(Trial trial, long[] range) {
    int[] slots = {6, 2};
    long[] keys = {600, 601};
    trial.store(new int[] {6, 2, 3}, new long[] {600, 601, 602});
    HostBlocks source = trial.memory(2);
    HostBlocks target = trial.memory(2);
    for (int i = 0; i < 2; i++) {
      MemorySegment part = bytes(700 + i, range[0], range[1]);
      source.fill(i, part);
      target.expect(i, overlaid(trial.spec(), keys[i], part, range[0]));
    }
    var batch = source.batch(slots, keys).range(range[0], range[1]);
    trial.store(batch, source::check).arrives(trial.patience());
    trial.load(target.batch(slots, keys), target::check).arrives(trial.patience());
    trial.expect(3, 602);
  }

  /** {@return a whole block of a pattern, with a part laid over it} */
  private static MemorySegment overlaid(TierSpec spec, long seed, MemorySegment part, long at) {
    MemorySegment whole = bytes(seed, 0, spec.blockBytes());
    MemorySegment.copy(part, 0, whole, at, part.byteSize());
    return whole;
  }

  /** Any sequence of loads and stores does to the slots what it would do to an array. */
  @Test
  default void behavesAsAnArrayDoes(Random random) {
    try (var trial = new Trial(this);
        var arena = Arena.ofConfined()) {
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(800);
      var model = new TierModel(trial, slots, seeds, arena);
      long steps = Math.clamp((32L << 20) / trial.spec().blockBytes(), 20, 400);
      for (long step = 0; step < steps; step++) {
        model.step(random);
      }
      model.compareAll();
    }
  }
}
