package io.pagoda.node.bench;

import io.pagoda.node.bench.GpuBench.Way;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/*
 *   hub:     first  | second        each `bytes` long
 *   device:  pool 0 | pool 1
 *
 *   in    first, blocks  -> pool 0, chunks
 *   out   pool 1, chunks -> second, blocks
 *
 * What pools hold is seen through `second`, as an image of the pool.
 */
/**
 * Blocks of one chunk size in host memory and in two pools of a device, layer first, in random
 * order at either end.
 */
final class GpuSet implements AutoCloseable {
  static final int LAYERS = 80;
  static final int TENSORS = 2;
  static final int PLANES = LAYERS * TENSORS;

  /** What is filled and compared by one thread at a time, at most. */
  private static final long PART = 1 << 20;

  private final long chunk;
  private final int blocks;
  private final long bytes;
  private final MemorySegment first;
  private final MemorySegment second;
  private final int[] inHub;
  private final int[] inPool;
  private final List<DeviceRegion[]> regions = new ArrayList<>();
  private final DeviceRegion[] images = new DeviceRegion[2];

  /**
   * Makes blocks of 160 chunks.
   *
   * @param store whose hub has room for twice as much
   * @param pools two, of the device
   * @param bytes how much there is to move, a multiple of a block
   * @param chunk bytes of a chunk
   */
  GpuSet(GpuStore store, DeviceMemory[] pools, long bytes, long chunk) {
    this.chunk = chunk;
    this.blocks = Math.toIntExact(bytes / blockBytes());
    this.bytes = bytes;
    this.first = store.hub().asSlice(0, bytes);
    this.second = store.hub().asSlice(bytes, bytes);
    this.inHub = shuffled(3);
    this.inPool = shuffled(7);
    for (Device device : store.devices()) {
      regions.add(new DeviceRegion[] {region(device, pools[0]), region(device, pools[1])});
    }
    for (int i = 0; i < 2; i++) {
      images[i] = image(store.plain(), pools[i]);
    }
  }

  private DeviceRegion region(Device device, DeviceMemory pool) {
    return device.map(List.of(stripes(pool)), blocks);
  }

  /** {@return a pool seen as one block} */
  private DeviceRegion image(Device plain, DeviceMemory pool) {
    return plain.map(List.of(List.of(new Stripe(pool.segment().address(), 0, 0, bytes))), 1);
  }

  private List<Stripe> stripes(DeviceMemory pool) {
    List<Stripe> stripes = new ArrayList<>();
    for (int plane = 0; plane < PLANES; plane++) {
      long at = pool.segment().address() + chunk * blocks * plane;
      stripes.add(new Stripe(at, chunk, plane * chunk, chunk));
    }
    return stripes;
  }

  private int[] shuffled(long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, blocks).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    return order.stream().mapToInt(block -> block).toArray();
  }

  private long blockBytes() {
    return PLANES * chunk;
  }

  /** {@return how many blocks there are} */
  int blocks() {
    return blocks;
  }

  /** Fills the sources: host memory for copies in, pool 1 for copies out. */
  void fill() {
    eachBlockPart((block, within, length) -> {
      Words.fill(first, block * blockBytes() + within, length, block, within);
      return 0;
    });
    eachChunkPart((block, plane, at, within, length) -> {
      Words.fill(second, at, length, name(block), plane * chunk + within);
      return 0;
    });
    raw(images[1], true);
  }

  private long name(int block) {
    return block + (1L << 20);
  }

  /** Makes what is written to hold nothing that is right. */
  void forget() {
    LongStream.range(0, bytes / PART)
        .parallel()
        .forEach(part -> second.asSlice(part * PART, PART).fill((byte) 0));
    raw(images[0], true);
  }

  /** {@return how many bytes come wrong by a device, of what nothing was there of before} */
  long wrong(int device, Way way) {
    forget();
    List<CompletableFuture<BatchResult>> running = new ArrayList<>();
    if (way.in()) {
      running.add(start(device, true));
    }
    if (way.out()) {
      running.add(start(device, false));
    }
    running.forEach(GpuSet::check);
    return (way.out() ? wrongOut() : 0) + (way.in() ? wrongIn() : 0);
  }

  /**
   * Starts copies of all blocks in, or out.
   *
   * @param device by which of the devices
   */
  CompletableFuture<BatchResult> start(int device, boolean in) {
    long[] offsets = new long[blocks];
    Arrays.setAll(offsets, i -> inHub[i] * blockBytes());
    BlockBatch batch = BlockBatch.withoutKeys(in ? first : second, offsets, inPool, blockBytes());
    return start(regions.get(device)[in ? 0 : 1], batch, in);
  }

  /** Starts the plain copy of a whole pool, in or out. */
  CompletableFuture<BatchResult> startPlain(boolean in) {
    return start(images[in ? 0 : 1], image(in ? first : second), in);
  }

  private BlockBatch image(MemorySegment memory) {
    return BlockBatch.withoutKeys(memory, new long[1], new int[1], bytes);
  }

  private static CompletableFuture<BatchResult> start(
      DeviceRegion region, BlockBatch batch, boolean in) {
    var ended = new CompletableFuture<BatchResult>();
    region.copy(batch, 0, in, ended::complete);
    return ended;
  }

  private void raw(DeviceRegion region, boolean in) {
    check(start(region, image(second), in));
  }

  static void check(CompletableFuture<BatchResult> ended) {
    BatchResult result = ended.join();
    if (!(result instanceof BatchResult.Complete)) {
      throw new IllegalStateException("A copy ended with " + result);
    }
  }

  /** {@return how many bytes are wrong of what was copied out; looked at before what went in} */
  long wrongOut() {
    int[] at = inverse(inHub);
    return eachBlockPart(
        (block, within, length) -> Words
            .wrong(second, block * blockBytes() + within, length, name(inPool[at[block]]), within));
  }

  /** {@return how many bytes are wrong of what was copied in} */
  long wrongIn() {
    raw(images[0], false);
    int[] at = inverse(inPool);
    return eachChunkPart(
        (block, plane, from, within, length) -> Words
            .wrong(second, from, length, inHub[at[block]], plane * chunk + within));
  }

  private static int[] inverse(int[] order) {
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return inverse;
  }

  /** Does something to a part of a block in host memory; returns how many bytes it found wrong. */
  private interface BlockPart {
    long at(int block, long within, long length);
  }

  private long eachBlockPart(BlockPart part) {
    long length = Math.min(PART, chunk);
    long parts = blockBytes() / length;
    return LongStream.range(0, blocks * parts)
        .parallel()
        .map(i -> part.at((int) (i / parts), i % parts * length, length))
        .sum();
  }

  /** Does something to a part of a chunk in the image of a pool. */
  private interface ChunkPart {
    long at(int block, int plane, long from, long within, long length);
  }

  private long eachChunkPart(ChunkPart part) {
    return IntStream.range(0, blocks * PLANES)
        .parallel()
        .mapToLong(i -> part.at(i % blocks, i / blocks, i * chunk, 0, chunk))
        .sum();
  }

  @Override
  public void close() {
    for (DeviceRegion[] both : regions) {
      both[0].close();
      both[1].close();
    }
    images[0].close();
    images[1].close();
  }
}
