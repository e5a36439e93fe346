package io.pagoda.node.bench;

import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The way of blocks from one kind to another: directly where one of the two is host memory, else
 * through the hub, as the store would take them. No block keeps its number.
 */
final class Route {
  private final Kind from;
  private final Kind to;
  private final MemorySegment hub;
  private final long blockBytes;
  private final int blocks;
  private final int perBatch;

  /**
   * Finds a way.
   *
   * @param hub host memory with room for every block, which only a way through it touches
   * @param blocks how many there are, at either end
   * @param perBatch how many move together
   */
  Route(Kind from, Kind to, MemorySegment hub, int blocks, int perBatch) {
    this.from = from;
    this.to = to;
    this.hub = hub;
    this.blocks = blocks;
    this.blockBytes = hub.byteSize() / blocks;
    this.perBatch = perBatch;
  }

  /** {@return how many batches there are} */
  int batches() {
    return blocks / perBatch;
  }

  /** {@return how many copies a block makes on its way} */
  int hops() {
    return from.host().isPresent() || to.host().isPresent() ? 1 : 2;
  }

  /** Moves a batch. */
  void move(int batch) {
    int[] taken = IntStream.range(batch * perBatch, (batch + 1) * perBatch).toArray();
    int[] given = IntStream.of(taken).map(this::target).toArray();
    if (from.host().isPresent()) {
      to.write(batch(from.host().get(), taken, given));
    } else if (to.host().isPresent()) {
      from.read(batch(to.host().get(), given, taken));
    } else {
      from.read(batch(hub, taken, taken));
      to.write(batch(hub, taken, given));
    }
  }

  private BlockBatch batch(MemorySegment host, int[] places, int[] slots) {
    long[] offsets = IntStream.of(places).mapToLong(place -> place * blockBytes).toArray();
    long[] keys = IntStream.of(slots).mapToLong(i -> i).flatMap(i -> LongStream.of(1, i)).toArray();
    return BlockBatch.of(host, offsets, slots, keys, blockBytes);
  }

  /** {@return which block of the target a block of the source becomes} */
  int target(int block) {
    return blocks - 1 - block;
  }
}
