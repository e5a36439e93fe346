package io.pagoda.tck;

import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** What the slots of a tier should hold after the batches so far, kept as an array. */
final class TierModel {
  private final Trial trial;
  private final int[] slots;
  private final long[] keys;
  private final long blockBytes;
  private final MemorySegment content;

  TierModel(Trial trial, int[] slots, long[] seeds, Arena arena) {
    this.trial = trial;
    this.slots = slots;
    this.keys = seeds.clone();
    this.blockBytes = trial.spec().blockBytes();
    this.content = arena.allocate(blockBytes * slots.length, 8);
    for (int i = 0; i < slots.length; i++) {
      Pattern.write(block(i), seeds[i]);
    }
  }

  private MemorySegment block(int index) {
    return content.asSlice(index * blockBytes, blockBytes);
  }

  /** Moves a random range of random blocks one way or the other, in one batch. */
  void step(Random random) {
    int first = random.nextInt(slots.length);
    int count = 1 + random.nextInt(Math.min(6, slots.length));
    boolean whole = random.nextInt(3) > 0;
    long offset = whole ? 0 : random.nextLong(blockBytes);
    long bytes = whole ? blockBytes : 1 + random.nextLong(blockBytes - offset);
    int[] picked = new int[count];
    for (int i = 0; i < count; i++) {
      picked[i] = (first + i) % slots.length;
    }
    if (random.nextBoolean()) {
      store(picked, offset, bytes, random.nextLong());
    } else {
      load(picked, offset, bytes);
    }
  }

  private void store(int[] picked, long offset, long bytes, long seed) {
    HostBlocks source = trial.memory(picked.length);
    for (int i = 0; i < picked.length; i++) {
      MemorySegment range = block(picked[i]).asSlice(offset, bytes);
      Pattern.write(range, seed + i, offset);
      source.fill(i, range);
    }
    trial.store(batch(source, picked, offset, bytes), source::check).arrives(trial.patience());
  }

  private void load(int[] picked, long offset, long bytes) {
    HostBlocks target = trial.memory(picked.length);
    for (int i = 0; i < picked.length; i++) {
      target.expect(i, block(picked[i]).asSlice(offset, bytes));
    }
    trial.load(batch(target, picked, offset, bytes), target::check).arrives(trial.patience());
  }

  private BlockBatch batch(HostBlocks memory, int[] picked, long offset, long bytes) {
    int[] theirs = new int[picked.length];
    long[] names = new long[picked.length];
    for (int i = 0; i < picked.length; i++) {
      theirs[i] = slots[picked[i]];
      names[i] = keys[picked[i]];
    }
    return memory.batch(theirs, names).range(offset, bytes);
  }

  /** Loads every slot and compares it. */
  void compareAll() {
    for (int i = 0; i < slots.length; i++) {
      load(new int[] {i}, 0, blockBytes);
    }
  }
}
