package io.pagoda.tck;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;

/** A tier that is honest until a subclass breaks one promise. */
class Liar implements StorageTier {
  final MemoryTier truth = new MemoryTier(10, 4_096);

  @Override
  public TierSpec spec() {
    return truth.spec();
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    truth.load(batch, completion);
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    truth.store(batch, completion);
  }

  @Override
  public void close() {
    truth.close();
  }

  /** {@return one block of a batch as a batch} */
  static BlockBatch only(BlockBatch batch, int index) {
    return of(batch, new int[] {index}, new int[] {batch.slot(index)});
  }

  /** {@return a batch of the memory of some blocks, with other slots} */
  static BlockBatch of(BlockBatch batch, int[] indices, int[] slots) {
    long[] offsets = new long[indices.length];
    for (int i = 0; i < indices.length; i++) {
      offsets[i] = batch.offset(indices[i]);
    }
    long[] keys = new long[2 * slots.length];
    var memory = batch.memory();
    return BlockBatch.of(memory, offsets, slots, keys, batch.rangeOffset() + batch.rangeBytes())
        .range(batch.rangeOffset(), batch.rangeBytes());
  }

  /** Does nothing with a result. */
  static void ignore(BatchResult result) {}
}
