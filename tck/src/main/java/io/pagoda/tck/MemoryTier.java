package io.pagoda.tck;

import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The plainest tier there is: slots in memory, copied by the caller's own thread, complete when the
 * call returns. A reference for what a tier does, and the ground under the other doubles.
 */
public final class MemoryTier implements StorageTier, Addressable {
  private final TierSpec spec;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  /** Held for reading by batches in flight, for writing by close. */
  private final ReadWriteLock life = new ReentrantReadWriteLock();

  private boolean closed;

  /** Creates an empty tier of the hub's medium that takes many batches at once. */
  public MemoryTier(int slots, long blockBytes) {
    this(new TierSpec(Medium.HOST, slots, blockBytes, 1, 64));
  }

  /** Creates an empty tier that offers what {@code spec} says. */
  public MemoryTier(TierSpec spec) {
    this.spec = spec;
    this.memory = arena.allocate(Math.multiplyExact(spec.blockBytes(), spec.slots()), 4096);
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public long offset(int slot) {
    return Objects.checkIndex(slot, spec.slots()) * spec.blockBytes();
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    move(batch, completion, this::loadBlock);
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    move(batch, completion, this::storeBlock);
  }

  /** Moves one block of a batch. */
  @FunctionalInterface
  private interface BlockMove {
    void move(BlockBatch batch, int index);
  }

  private void move(BlockBatch batch, Completion completion, BlockMove each) {
    life.readLock().lock();
    try {
      checkOpen();
      batch.checkFits(spec);
      for (int i = 0; i < batch.size(); i++) {
        each.move(batch, i);
      }
      completion.complete(BatchResult.COMPLETE);
    } finally {
      life.readLock().unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("A memory tier of " + spec + " was used after it was closed");
    }
  }

  private void loadBlock(BlockBatch batch, int index) {
    long from = offset(batch.slot(index)) + batch.rangeOffset();
    MemorySegment.copy(memory, from, batch.memory(), batch.offset(index), batch.rangeBytes());
  }

  private void storeBlock(BlockBatch batch, int index) {
    long to = offset(batch.slot(index)) + batch.rangeOffset();
    MemorySegment.copy(batch.memory(), batch.offset(index), memory, to, batch.rangeBytes());
  }

  @Override
  public void close() {
    life.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        arena.close();
      }
    } finally {
      life.writeLock().unlock();
    }
  }
}
