package io.pagoda.core.bench;

import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.MemorySegment;

/** Numbers of slots, without slots: bookkeeping is measured alone. */
public final class BareSlots implements StorageTier, Addressable {
  private final TierSpec spec;

  /** Creates slots that hold nothing. */
  public BareSlots(int slots, long blockBytes) {
    spec = new TierSpec(Medium.HOST, slots, blockBytes, 1, 1);
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public MemorySegment memory() {
    return MemorySegment.NULL;
  }

  @Override
  public long offset(int slot) {
    return slot * spec.blockBytes();
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    throw new IllegalStateException("There are no bytes to load");
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    throw new IllegalStateException("There is nowhere to store bytes");
  }

  @Override
  public void close() {}
}
