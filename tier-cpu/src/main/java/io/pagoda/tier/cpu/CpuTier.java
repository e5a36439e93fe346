package io.pagoda.tier.cpu;

import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Slots that are host memory, one after the other without gaps: slot {@code i} starts at {@code i}
 * × the block size, and the first at the start of a page. Blocks of a multiple of 4 KiB are thus
 * fit for direct I/O in place.
 *
 * <p><b>Threads.</b> The caller's own thread copies, and the batch is complete when the call
 * returns. A copy in memory is work, not waiting: to hand it to another thread would add a queue
 * and a wake-up and free no processor. Who wants copies on other threads calls from these.
 *
 * <p><b>Failures.</b> A batch that is taken does not fail. The tier cannot be closed from one of
 * its own completions: close would wait for itself.
 */
final class CpuTier implements StorageTier, Addressable {
  private final TierSpec spec;
  private final String name;
  private final SlotMemory slots;
  private final MemorySegment memory;

  /** Held for reading by batches in flight, for writing by close. */
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();

  private boolean closed;

  private CpuTier(CpuSettings settings, String name, SlotMemory slots) {
    this.spec = settings.spec();
    this.name = name;
    this.slots = slots;
    this.memory = slots.segment();
  }

  static CpuTier open(CpuSettings settings, String name) {
    return new CpuTier(settings, name, SlotMemory.of(settings, name));
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
    begin(batch);
    try {
      for (int i = 0; i < batch.size(); i++) {
        CopyEngine
            .copy(memory, place(batch, i), batch.memory(), batch.offset(i), batch.rangeBytes());
      }
      completion.complete(BatchResult.COMPLETE);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    begin(batch);
    try {
      for (int i = 0; i < batch.size(); i++) {
        CopyEngine
            .copy(batch.memory(), batch.offset(i), memory, place(batch, i), batch.rangeBytes());
      }
      completion.complete(BatchResult.COMPLETE);
    } finally {
      life.readLock().unlock();
    }
  }

  private long place(BlockBatch batch, int index) {
    return offset(batch.slot(index)) + batch.rangeOffset();
  }

  /** Takes a batch, which then holds the tier open; one that is refused does not. */
  private void begin(BlockBatch batch) {
    batch.checkFits(spec);
    life.readLock().lock();
    if (closed) {
      life.readLock().unlock();
      throw new IllegalStateException("Tier " + name + " is closed; it was handed " + batch);
    }
  }

  @Override
  public void close() {
    if (life.getReadHoldCount() > 0) {
      throw new IllegalStateException("Tier " + name + " cannot be closed from a completion");
    }
    life.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        slots.close();
      }
    } finally {
      life.writeLock().unlock();
    }
  }
}
