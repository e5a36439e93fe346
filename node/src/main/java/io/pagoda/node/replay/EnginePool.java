package io.pagoda.node.replay;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The KV memory of a pretended inference engine. It hands out blocks scattered over the memory, and
 * others for every request, so that a block left where it was is not taken for one that arrived.
 *
 * <p><b>Threads.</b> One at a time.
 *
 * <p><b>Memory.</b> Owns the memory, and its registration with the store.
 */
final class EnginePool implements AutoCloseable {
  /** What blocks are overwritten with before a fetch: no pattern is so monotonous. */
  private static final byte POISON = (byte) 0xA5;

  private static final long ALIGNMENT_BYTES = 4096;
  private static final int STRIDE = 37;

  private final Pattern pattern = new Pattern();
  private final PoolSpec spec;
  private final Arena arena;
  private final MemorySegment memory;
  private final Pool pool;
  private int cursor;

  private EnginePool(BlockStore store, PoolSpec spec) {
    this.spec = spec;
    this.arena = Arena.ofShared();
    this.memory = arena.allocate(spec.bytes(), ALIGNMENT_BYTES);
    this.pool = registered(store);
  }

  private Pool registered(BlockStore store) {
    try {
      return store.register(spec, memory);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Allocates and registers memory.
   *
   * @param geometry the shape; its number of blocks is replaced
   * @param blocks how many it must hold at least; rounded up to a power of two
   */
  static EnginePool register(BlockStore store, PoolSpec geometry, int blocks) {
    int size = Math.max(64, Integer.highestOneBit(Math.max(1, blocks - 1)) << 1);
    return new EnginePool(
        store, new PoolSpec(
            geometry.layout(), geometry.layers(), geometry.tensors(), size, geometry.chunkBytes()));
  }

  /** {@return how many blocks it holds} */
  int blocks() {
    return spec.blocks();
  }

  /** {@return the registration} */
  Pool pool() {
    return pool;
  }

  /** {@return the memory itself} */
  MemorySegment memory() {
    return memory;
  }

  /** {@return {@code count} different blocks; all blocks come round before one comes again} */
  int[] take(int count) {
    if (count > blocks()) {
      throw new IllegalArgumentException(
          "%d blocks asked of a pool of %d".formatted(count, blocks()));
    }
    int[] taken = new int[count];
    for (int i = 0; i < count; i++) {
      taken[i] = cursor;
      cursor = (cursor + STRIDE) & (blocks() - 1);
    }
    return taken;
  }

  /** Overwrites the first {@code count} of {@code blocks} with what no block holds. */
  void poison(int[] blocks, int count) {
    for (int i = 0; i < count; i++) {
      for (int chunk = 0; chunk < spec.chunksPerBlock(); chunk++) {
        chunk(blocks[i], chunk).fill(POISON);
      }
    }
  }

  /** Writes what {@code keys} name into their {@code blocks}, from number {@code from} on. */
  void fill(BlockKeys keys, int[] blocks, int from) {
    for (int i = from; i < keys.size(); i++) {
      for (int chunk = 0; chunk < spec.chunksPerBlock(); chunk++) {
        long start = chunk * spec.chunkBytes();
        pattern.fill(keys.high(i), keys.low(i), start, chunk(blocks[i], chunk));
      }
    }
  }

  /** Compares every byte of the block of {@code keys} at {@code index} with what it must be. */
  Optional<Mismatch> verify(BlockKeys keys, int index, int block) {
    for (int chunk = 0; chunk < spec.chunksPerBlock(); chunk++) {
      long start = chunk * spec.chunkBytes();
      long wrong = pattern.mismatch(keys.high(index), keys.low(index), start, chunk(block, chunk));
      if (wrong >= 0) {
        return Optional.of(new Mismatch(keys.key(index), index, start + wrong));
      }
    }
    return Optional.empty();
  }

  /** The memory of a block's chunk; chunks are numbered layer by layer, keys before values. */
  private MemorySegment chunk(int block, int chunk) {
    int layer = chunk / spec.tensors();
    int tensor = chunk % spec.tensors();
    return memory.asSlice(spec.offset(block, layer, tensor), spec.chunkBytes());
  }

  @Override
  public void close() {
    pool.close();
    arena.close();
  }
}
