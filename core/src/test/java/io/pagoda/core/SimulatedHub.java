package io.pagoda.core;

import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Slots of host memory, and nothing else: the engine never asks the hub to move bytes. */
final class SimulatedHub implements StorageTier, Addressable {
  private final TierSpec spec;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  SimulatedHub(int slots, long blockBytes) {
    spec = new TierSpec(Medium.HOST, slots, blockBytes, 1, 1);
    memory = arena.allocate(slots * blockBytes, 64);
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
    throw new AssertionError("The hub's slots are used where they are");
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    throw new AssertionError("The hub's slots are used where they are");
  }

  @Override
  public void close() {
    arena.close();
  }
}
