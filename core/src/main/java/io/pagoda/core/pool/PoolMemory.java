package io.pagoda.core.pool;

import io.pagoda.PoolSpec;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The KV memory of an inference engine, in host memory. It keeps a block in chunks, in the order of
 * its layout; everybody else keeps blocks whole, layer by layer. The translation is here alone.
 *
 * <p><b>Threads.</b> Any thread may copy; blocks in use by one copy must not be in use by another
 * that writes them.
 */
public final class PoolMemory {
  private final PoolSpec spec;
  private final MemorySegment memory;

  /** How many chunks of a block, in block-first order, lie next to each other in the pool. */
  private final int contiguousChunks;

  /**
   * Describes a pool.
   *
   * @param spec its shape
   * @param memory its bytes, native, at least {@link PoolSpec#bytes()} long
   * @throws IllegalArgumentException if the memory is on the heap or too short
   */
  public PoolMemory(PoolSpec spec, MemorySegment memory) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException(
          "A pool is native memory, such as Arena.ofShared().allocate(...); this is on the heap");
    }
    if (memory.byteSize() < spec.bytes()) {
      throw new IllegalArgumentException(
          "The pool needs %d bytes for %s; the memory has %d"
              .formatted(spec.bytes(), spec, memory.byteSize()));
    }
    this.spec = spec;
    this.memory = memory;
    this.contiguousChunks = switch (spec.layout()) {
      case LAYER_FIRST -> 1;
      case LAYER_BLOCK -> spec.tensors();
      case BLOCK_FIRST -> spec.chunksPerBlock();
    };
  }

  /** {@return the shape of the pool} */
  public PoolSpec spec() {
    return spec;
  }

  /**
   * Checks the numbers of pool blocks.
   *
   * @param blocks the numbers
   * @param distinct whether none may stand there twice
   * @throws IndexOutOfBoundsException if one is not a block of the pool
   * @throws IllegalArgumentException if one stands there twice and may not
   */
  public void check(int[] blocks, boolean distinct) {
    long[] seen = new long[distinct ? (spec.blocks() + 63) / 64 : 0];
    for (int block : blocks) {
      Objects.checkIndex(block, spec.blocks());
      if (distinct && (seen[block >> 6] & 1L << block) != 0) {
        throw new IllegalArgumentException("Pool block " + block + " is named twice");
      }
      if (distinct) {
        seen[block >> 6] |= 1L << block;
      }
    }
  }

  /**
   * Copies blocks from the pool into host memory.
   *
   * @param batch which pool blocks, as its slots, and where to; whole blocks
   */
  public void gather(BlockBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      copy(batch, i, true);
    }
  }

  /**
   * Copies blocks from host memory into the pool.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   */
  public void scatter(BlockBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      copy(batch, i, false);
    }
  }

  private void copy(BlockBatch batch, int index, boolean gather) {
    MemorySegment host = batch.memory();
    int block = batch.slot(index);
    long hostAt = batch.offset(index);
    long bytes = contiguousChunks * spec.chunkBytes();
    for (int chunk = 0; chunk < spec.chunksPerBlock(); chunk += contiguousChunks) {
      long poolAt = spec.offset(block, chunk / spec.tensors(), chunk % spec.tensors());
      if (gather) {
        MemorySegment.copy(memory, poolAt, host, hostAt, bytes);
      } else {
        MemorySegment.copy(host, hostAt, memory, poolAt, bytes);
      }
      hostAt += bytes;
    }
  }
}
