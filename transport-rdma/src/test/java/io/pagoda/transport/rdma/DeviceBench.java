package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.RemoteBatch.Side;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Writes batches of blocks from one transport to another of the same device, and compares every
 * byte after each size. Prints the best and the median batch.
 */
final class DeviceBench {
  private static final int BATCH = 1_538;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private DeviceBench() {}

  public static void main(String[] kibibytes) {
    int[] sizes = Arrays.stream(kibibytes).mapToInt(Integer::parseInt).toArray();
    try (RdmaTransport here = new Rig().open("here");
        RdmaTransport there = new Rig().open("there");
        Arena arena = Arena.ofShared();
        Link link = here.connect(there.listen().metadata(), PATIENCE)) {
      for (int size : sizes) {
        int blocks = Math.min(BATCH, (256 << 10) / size);
        measure(here, there, link, arena, size << 10, blocks);
      }
    }
  }

  private static void measure(
      RdmaTransport here, RdmaTransport there, Link link, Arena arena, int bytes, int blocks) {
    long all = (long) bytes * blocks;
    MemorySegment source = arena.allocate(all, 4096);
    MemorySegment target = arena.allocate(all, 4096);
    LongStream.range(0, all / Long.BYTES)
        .forEach(i -> source.setAtIndex(JAVA_LONG, i, i * 0x9e3779b97f4a7c15L));
    try (Region local = here.register(source);
        Region remote = there.register(target);
        Grant grant = there.grant(
            new GrantTerms(List.of(Window.of(remote)), Set.of(Right.WRITE), Duration.ofHours(1), 0),
            GrantListener.NONE)) {
      // In another order than they lie in: nothing is merged.
      long[] offsets =
          IntStream.range(0, blocks).mapToLong(i -> (long) (blocks - 1 - i) * bytes).toArray();
      long[] lengths = new long[blocks];
      Arrays.fill(lengths, bytes);
      RemoteBatch batch = new RemoteBatch(
          Direction.WRITE, List.of(local), new Side(offsets), grant.metadata(), new Side(offsets),
          lengths);
      double[] rates =
          IntStream.range(0, 12).mapToDouble(_ -> rate(link, batch)).sorted().toArray();
      System.out.printf(
          "%4d KiB x %4d: best %.1f MB/s, median %.1f MB/s, %s%n", bytes >> 10, blocks,
          rates[rates.length - 1], rates[rates.length / 2],
          source.mismatch(target) < 0 ? "every byte is right" : "WRONG BYTES");
    }
  }

  private static double rate(Link link, RemoteBatch batch) {
    long began = System.nanoTime();
    boolean completed = link.post(batch, PATIENCE).ended().toCompletableFuture().join().completed();
    if (!completed) {
      throw new AssertionError("a batch failed");
    }
    return batch.bytes() * 1e3 / (System.nanoTime() - began);
  }
}
