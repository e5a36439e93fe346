package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.tier.gpu.Calibration.Rate;
import io.pagoda.tier.gpu.Calibration.Way;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Measures the ways to copy of a device that nobody uses yet, in half a second: blocks
 * of 2 MiB between memory of its own and a pool of its own, by the device's clock.
 */
final class Calibrator implements AutoCloseable {
  /** What a kernel does depends little on the size of chunks, what a copy engine does, much. */
  private static final long[] KERNEL_CHUNKS = {4 << 10, 1 << 20};
  private static final long[] ENGINE_CHUNKS = {16 << 10, 32 << 10, 64 << 10, 256 << 10, 1 << 20};
  private static final List<CopyPath> PATHS =
      List.of(CopyPath.KERNEL, CopyPath.STAGED, CopyPath.COPY_ENGINE);
  private static final long BLOCK = 2 << 20;

  /** More than the processor's caches hold: a kernel is quicker on memory that is there. */
  private static final int BLOCKS = 128;

  /** Blocks are copied more than once: what is felt should be the middle of a long hop. */
  private static final int REPEATS = 2;

  /** How often all are copied that the device is kept busy with while others are put in. */
  private static final int BUSY = 1;

  /** Chunk by chunk a copy engine takes up to a microsecond for each; so many show it. */
  private static final int ENGINE_COPIES = 8192;

  private final CudaDevice device;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment host = MemoryNative.map(BLOCK * BLOCKS, arena);
  private final Pinned pinned;
  private final DeviceMemory pool;

  private Calibrator(CudaDevice device) {
    this.device = device;
    this.pinned = device.pinned(host);
    pinned.done().toCompletableFuture().join();
    this.pool = device.allocate(BLOCK * BLOCKS);
  }

  /** Measures a device that is open and that nobody uses. */
  static Calibration of(CudaDevice device) {
    try (var calibrator = new Calibrator(device)) {
      return calibrator.measure();
    }
  }

  private Calibration measure() {
    List<Rate> rates = new ArrayList<>();
    rate(CopyPath.STAGED, BLOCK); // wakes the link
    for (CopyPath path : PATHS) {
      for (long chunk : path == CopyPath.COPY_ENGINE ? ENGINE_CHUNKS : KERNEL_CHUNKS) {
        rates.add(rate(path, chunk));
      }
    }
    return new Calibration(rates);
  }

  private Rate rate(CopyPath path, long chunk) {
    long perBlock = BLOCK / chunk;
    int copied = path == CopyPath.COPY_ENGINE
        ? Math.toIntExact(Math.clamp(ENGINE_COPIES / perBlock, 1, (long) REPEATS * BLOCKS))
        : REPEATS * BLOCKS;
    BlockBatch batch = batch(copied);
    try (var region = new CudaRegion(device, List.of(stripes(chunk)), BLOCKS, path)) {
      var measured = new Measured(region, batch, path != CopyPath.COPY_ENGINE);
      return new Rate(
          path, chunk, best(measured, Way.IN), best(measured, Way.OUT), best(measured, Way.BOTH));
    }
  }

  /**
   * What is measured.
   *
   * @param region the pool
   * @param batch which blocks of it
   * @param atOnce whether the device begins when everything was put in. A copy engine must not: how
   *     fast it is with small chunks is how fast the driver puts them in
   */
  private record Measured(CudaRegion region, BlockBatch batch, boolean atOnce) {}

  /** {@return the best of as many rounds as it takes until this process is quick enough} */
  private double best(Measured measured, Way way) {
    double first = rate(measured, way);
    return measured.atOnce ? first : Math.max(first, rate(measured, way));
  }

  /** {@return the stripes of a pool that is layer first} */
  private List<Stripe> stripes(long chunk) {
    List<Stripe> stripes = new ArrayList<>();
    for (long offset = 0; offset < BLOCK; offset += chunk) {
      stripes.add(new Stripe(pool.segment().address() + offset * BLOCKS, chunk, offset, chunk));
    }
    return stripes;
  }

  private BlockBatch batch(int copied) {
    int[] numbers = new int[copied];
    long[] offsets = new long[copied];
    var random = new SplittableRandom(copied);
    for (int i = 0; i < copied; i++) {
      numbers[i] = random.nextInt(BLOCKS);
      offsets[i] = i % BLOCKS * BLOCK;
    }
    return BlockBatch.withoutKeys(host, offsets, numbers, BLOCK);
  }

  private double rate(Measured measured, Way way) {
    try (var _ = device.context.enter()) {
      Event start = Event.timed(device.context);
      begin(start, way, measured.atOnce);
      double millis = 1e-3;
      List<Event> ends = new ArrayList<>();
      for (boolean in : ways(way)) {
        Event end = Event.timed(device.context);
        ends.add(end);
        device.road(in).stream().order(stream -> {
          measured.region.into(stream, measured.batch, 0, in);
          end.record(stream);
        });
      }
      for (Event end : ends) {
        check(end.await(), "Calibrating %s", device.uuid());
        millis = Math.max(millis, end.millisSince(start));
        end.destroy();
      }
      start.destroy();
      return ends.size() * measured.batch.bytes() / 1e6 / millis;
    }
  }

  private static List<Boolean> ways(Way way) {
    return switch (way) {
      case IN -> List.of(true);
      case OUT -> List.of(false);
      case BOTH -> List.of(true, false);
    };
  }

  /**
   * Says when it begins: now, or, for copies that are put in by a process that has only just begun
   * and is slow at it, after a millisecond or two for which the device is kept busy.
   */
  private void begin(Event start, Way way, boolean atOnce) {
    device.road(ways(way).getFirst()).stream().order(stream -> {
      for (int i = 0; atOnce && i < BUSY; i++) {
        check(
            CallsNative
                .copy(pool.segment().address(), host.address(), host.byteSize(), stream.address()),
            "cuMemcpyAsync");
      }
      start.record(stream);
    });
    ways(way).forEach(in -> device.road(in).holdUp(start));
  }

  @Override
  public void close() {
    pool.close();
    device.unpin(pinned);
    arena.close();
  }
}
