package io.pagoda.core.pool;

import io.pagoda.PoolPart;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The KV memory of an inference engine, in host memory. It keeps a block in chunks, where its
 * layout, its ranks and its tensors want them; everybody else keeps blocks whole, rank by rank and
 * layer by layer. The translation is here alone.
 *
 * <p><b>Threads.</b> Any thread may copy; blocks in use by one copy must not be in use by another
 * that writes them.
 */
public final class PoolMemory {
  private final List<PoolPart> parts;
  private final int blocks;
  private final List<Plane> all;
  private final List<Plane> sources;
  private final List<Plane> byLayer;

  /**
   * Describes a pool.
   *
   * @param parts which together hold every byte of a block once, replicas apart
   * @param blockBytes bytes of a block of the store
   * @throws IllegalArgumentException if they do not
   */
  public PoolMemory(List<PoolPart> parts, long blockBytes) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("A pool has at least one part");
    }
    this.parts = List.copyOf(parts);
    this.blocks = parts.getFirst().spec().blocks();
    List<Plane> planes = parts.stream().flatMap(part -> Plane.of(part).stream()).toList();
    checkWhole(planes, blockBytes);
    this.all = Plane.joined(planes, true);
    this.sources = all.stream().filter(plane -> !plane.replica()).toList();
    this.byLayer = Plane.joined(planes, false);
  }

  private void checkWhole(List<Plane> planes, long blockBytes) {
    for (PoolPart part : parts) {
      if (part.spec().blocks() != blocks) {
        throw new IllegalArgumentException(
            "The parts of a pool hold equally many blocks, not %d and %d"
                .formatted(blocks, part.spec().blocks()));
      }
    }
    long at = 0;
    for (Plane plane : inBlockOrder(planes)) {
      if (plane.blockOffset() != at) {
        throw new IllegalArgumentException(
            "The parts of the pool hold byte %d of a block %s".formatted(
                Math.min(at, plane.blockOffset()),
                plane.blockOffset() > at ? "nowhere" : "twice, and none is a replica"));
      }
      at += plane.bytes();
    }
    if (at != blockBytes) {
      throw new IllegalArgumentException(
          "The pool has blocks of %d bytes, the store of %d".formatted(at, blockBytes));
    }
    for (Plane plane : planes) {
      Objects.checkFromIndexSize(plane.blockOffset(), plane.bytes(), blockBytes);
    }
  }

  private static List<Plane> inBlockOrder(List<Plane> planes) {
    return planes.stream()
        .filter(plane -> !plane.replica())
        .sorted(Comparator.comparingLong(Plane::blockOffset))
        .toList();
  }

  /** {@return what the pool is made of} */
  public List<PoolPart> parts() {
    return parts;
  }

  /** {@return how many blocks it holds} */
  public int blocks() {
    return blocks;
  }

  /**
   * Checks the numbers of pool blocks.
   *
   * @param numbers the numbers
   * @param distinct whether none may stand there twice
   * @throws IndexOutOfBoundsException if one is not a block of the pool
   * @throws IllegalArgumentException if one stands there twice and may not
   */
  public void check(int[] numbers, boolean distinct) {
    long[] seen = new long[distinct ? (blocks + 63) / 64 : 0];
    for (int block : numbers) {
      Objects.checkIndex(block, blocks);
      if (distinct && (seen[block >> 6] & (1L << block)) != 0) {
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
    MemorySegment host = batch.memory();
    for (int i = 0; i < batch.size(); i++) {
      for (Plane plane : sources) {
        long at = plane.base() + batch.slot(i) * plane.blockStride();
        MemorySegment
            .copy(plane.memory(), at, host, batch.offset(i) + plane.blockOffset(), plane.bytes());
      }
    }
  }

  /**
   * Copies blocks from host memory into the pool, replicas included.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   */
  public void scatter(BlockBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      for (Plane plane : all) {
        scatter(batch, i, plane);
      }
    }
  }

  /**
   * Copies one layer of blocks from host memory into the pool, replicas included.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   * @param layer which layer of the model
   */
  public void scatterLayer(BlockBatch batch, int layer) {
    for (Plane plane : byLayer) {
      for (int i = 0; plane.layer() == layer && i < batch.size(); i++) {
        scatter(batch, i, plane);
      }
    }
  }

  private static void scatter(BlockBatch batch, int index, Plane plane) {
    long at = plane.base() + batch.slot(index) * plane.blockStride();
    long from = batch.offset(index) + plane.blockOffset();
    MemorySegment.copy(batch.memory(), from, plane.memory(), at, plane.bytes());
  }
}
