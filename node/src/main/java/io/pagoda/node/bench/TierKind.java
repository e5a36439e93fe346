package io.pagoda.node.bench;

import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** A tier's slots, whatever they are made of. Somebody else closes the tier. */
final class TierKind implements Kind {
  private static final long ALIGNMENT_BYTES = 4096;

  private final String name;
  private final StorageTier tier;
  private final Optional<MemorySegment> memory;
  private final Optional<Bound> bound;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment one;

  /**
   * Takes a tier.
   *
   * @param bound what its speed is compared with; nothing if its slots are memory
   */
  TierKind(String name, StorageTier tier, Optional<Bound> bound) {
    this.name = name;
    this.tier = tier;
    this.bound = bound;
    this.memory = tier.ability(Addressable.class).map(Addressable::memory);
    this.one = arena.allocate(tier.spec().blockBytes(), ALIGNMENT_BYTES);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<MemorySegment> host() {
    return memory;
  }

  @Override
  public Optional<MemorySegment> memory() {
    return memory;
  }

  @Override
  public Optional<Bound> bound() {
    return bound;
  }

  @Override
  public void read(BlockBatch batch) {
    await(tier::load, batch, "load");
  }

  @Override
  public void write(BlockBatch batch) {
    await(tier::store, batch, "store");
  }

  private void await(BiConsumer<BlockBatch, Completion> operation, BlockBatch batch, String what) {
    var ended = new CompletableFuture<BatchResult>();
    operation.accept(batch, ended::complete);
    BatchResult result = ended.join();
    if (!(result instanceof BatchResult.Complete)) {
      throw new IllegalStateException(
          "%s: a %s of %s ended with %s".formatted(name, what, batch, result));
    }
  }

  @Override
  public void fill(int block, long called) {
    if (memory.isPresent()) {
      Words.fill(slot(memory.get(), block), called);
    } else {
      Words.fill(one, called);
      write(alone(block));
    }
  }

  @Override
  public long wrongBytes(int block, long called) {
    if (memory.isPresent()) {
      return Words.wrong(slot(memory.get(), block), called);
    }
    one.fill((byte) 0);
    read(alone(block));
    return Words.wrong(one, called);
  }

  private MemorySegment slot(MemorySegment slots, int block) {
    return slots.asSlice(block * tier.spec().blockBytes(), tier.spec().blockBytes());
  }

  private BlockBatch alone(int block) {
    return BlockBatch.of(
        one, new long[] {0}, new int[] {block}, new long[] {1, block}, tier.spec().blockBytes());
  }

  @Override
  public void close() {
    arena.close();
  }
}
