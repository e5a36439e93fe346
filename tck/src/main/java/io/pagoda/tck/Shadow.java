package io.pagoda.tck;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A batch with memory of its own, which nobody but its owner touches, in place of another's. */
final class Shadow implements AutoCloseable {
  private final BlockBatch original;
  private final Arena arena = Arena.ofShared();
  private final BlockBatch batch;

  /** Creates a shadow of a batch that fits {@code spec}. */
  Shadow(BlockBatch original, TierSpec spec) {
    this.original = original;
    long stride = Math.ceilDiv(spec.blockBytes(), spec.alignment()) * spec.alignment();
    int size = original.size();
    long[] offsets = new long[size];
    int[] slots = new int[size];
    long[] keys = new long[2 * size];
    for (int i = 0; i < size; i++) {
      offsets[i] = i * stride;
      slots[i] = original.slot(i);
      keys[2 * i] = original.keyHigh(i);
      keys[2 * i + 1] = original.keyLow(i);
    }
    MemorySegment memory = arena.allocate(stride * size, spec.alignment());
    batch = BlockBatch.of(memory, offsets, slots, keys, spec.blockBytes())
        .range(original.rangeOffset(), original.rangeBytes());
  }

  BlockBatch batch() {
    return batch;
  }

  /** Copies the original's bytes into the shadow. */
  void copyIn() {
    for (int i = 0; i < batch.size(); i++) {
      batch.memory(i).copyFrom(original.memory(i));
    }
  }

  /** Copies the shadow's bytes into the original. */
  void copyOut() {
    for (int i = 0; i < batch.size(); i++) {
      original.memory(i).copyFrom(batch.memory(i));
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
