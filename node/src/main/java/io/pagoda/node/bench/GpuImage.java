package io.pagoda.node.bench;

import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** A layer-first pool of a device as host memory sees it: filled, forgotten and compared whole. */
final class GpuImage implements AutoCloseable {
  private static final long ALIGNMENT_BYTES = 2 << 20;

  private final int blocks;
  private final long chunk;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment image;
  private final DeviceRegion region;

  /**
   * Looks at a pool.
   *
   * @param plain copies it as it is
   * @param memory the pool
   */
  GpuImage(Device plain, DeviceMemory memory, int blocks, long chunk) {
    this.blocks = blocks;
    this.chunk = chunk;
    long bytes = memory.segment().byteSize();
    this.image = arena.allocate(bytes, ALIGNMENT_BYTES);
    this.region =
        plain.map(List.of(List.of(new Stripe(memory.segment().address(), 0, 0, bytes))), 1);
  }

  /** {@return numbers below {@code count} in an order that is the same every time} */
  static int[] shuffled(int count) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, new Random(count));
    return order.stream().mapToInt(block -> block).toArray();
  }

  /** Gives every byte of the pool a value of its own. */
  void fill() {
    chunks().forEach(i -> Words.fill(image, i * chunk, chunk, i % blocks, i / blocks * chunk));
    copy(true);
  }

  /** Makes the pool hold nothing that is right. */
  void forget() {
    image.fill((byte) 0);
    copy(true);
  }

  /** {@return how many bytes of the pool are not as they were filled} */
  long wrong() {
    copy(false);
    return chunks()
        .mapToLong(i -> Words.wrong(image, i * chunk, chunk, i % blocks, i / blocks * chunk))
        .sum();
  }

  private IntStream chunks() {
    return IntStream.range(0, Math.toIntExact(image.byteSize() / chunk)).parallel();
  }

  private void copy(boolean in) {
    var ended = new CompletableFuture<BatchResult>();
    region.copy(
        BlockBatch.withoutKeys(image, new long[1], new int[1], image.byteSize()), 0, in,
        ended::complete);
    GpuSet.check(ended);
  }

  @Override
  public void close() {
    region.close();
    arena.close();
  }
}
