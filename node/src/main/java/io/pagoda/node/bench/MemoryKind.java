package io.pagoda.node.bench;

import io.pagoda.KvLayout;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** An engine's memory in one layout; or pinned host memory, which is block-first. */
final class MemoryKind implements Kind {
  private static final long ALIGNMENT_BYTES = 2 << 20;

  private final String name;
  private final PoolSpec spec;
  private final boolean host;
  private final Arena arena;
  private final MemorySegment memory;
  private final PoolMemory pool;

  private MemoryKind(String name, PoolSpec spec, boolean host, Arena arena, MemorySegment memory) {
    this.name = name;
    this.spec = spec;
    this.host = host;
    this.arena = arena;
    this.memory = memory;
    this.pool = new PoolMemory(List.of(PoolPart.whole(spec, memory)), spec.blockBytes());
  }

  /** Allocates the memory of an engine. */
  static MemoryKind pool(PoolSpec spec) {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(spec.bytes(), ALIGNMENT_BYTES);
    return new MemoryKind("pool " + Layouts.word(spec.layout()), spec, false, arena, memory);
  }

  /**
   * Allocates host memory that the kernel may not move or page out.
   *
   * @throws UnsupportedOperationException if it does not allow that, with its reason
   */
  static MemoryKind pinned(PoolSpec shape) {
    var spec = new PoolSpec(
        KvLayout.BLOCK_FIRST, shape.layers(), shape.tensors(), shape.blocks(), shape.chunkBytes());
    Arena arena = Arena.ofShared();
    try {
      MemorySegment memory = arena.allocate(spec.bytes(), ALIGNMENT_BYTES);
      PinNative.pin(memory);
      return new MemoryKind("pinned", spec, true, arena, memory);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<MemorySegment> host() {
    return host ? Optional.of(memory) : Optional.empty();
  }

  @Override
  public Optional<MemorySegment> memory() {
    return Optional.of(memory);
  }

  @Override
  public void read(BlockBatch batch) {
    pool.gather(batch);
  }

  @Override
  public void write(BlockBatch batch) {
    pool.scatter(batch);
  }

  @Override
  public void fill(int block, long called) {
    Words.fill(spec, memory, block, called);
  }

  @Override
  public long wrongBytes(int block, long called) {
    return Words.wrong(spec, memory, block, called);
  }

  @Override
  public void close() {
    arena.close();
  }
}
