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

/**
 * Measures the ways to copy of a device that nobody uses yet, twice and in some three seconds:
 * blocks of 2 MiB between memory of its own and a pool of its own, by the device's clock.
 */
final class Calibrator {
  /** What a kernel does depends little on the size of chunks, what a copy engine does, much. */
  private static final long[] KERNEL_CHUNKS = {4 << 10, 1 << 20};
  private static final long[] ENGINE_CHUNKS = {16 << 10, 32 << 10, 64 << 10, 256 << 10, 1 << 20};

  /** What a copy of rows does depends on how much there is for each call. */
  private static final long[] GRIDS = {512 << 10, 2 << 20, 8 << 20, 32 << 20};

  private static final long ROW = 16 << 10;
  private static final List<CopyPath> PATHS =
      List.of(CopyPath.KERNEL, CopyPath.STAGED, CopyPath.COPY_ENGINE, CopyPath.GRID);
  private static final long BLOCK = 2 << 20;

  /**
   * As much as a long hop: of less the first stages and the last are felt, and a kernel is quicker
   * by up to a twelfth on memory of which caches and tables of pages hold a large part.
   */
  private static final int BLOCKS = 512;

  private static final long ALL = BLOCK * BLOCKS;
  private static final long GRID_BYTES = 512 << 20;

  /** How many bytes the device is kept busy with while copies are put in. */
  private static final long BUSY = 256 << 20;

  /** Chunk by chunk a copy engine takes up to a microsecond for each; so many show it. */
  private static final int ENGINE_COPIES = 8192;

  /** A warm process puts many small copies in more quickly than a young one. */
  private static final int ENGINE_ROUNDS = 3;

  /** Has no divisor in common with any number of blocks, so each comes once. */
  private static final int SCATTER = 197;

  private final CudaDevice device;
  private final MemorySegment host;
  private final DeviceMemory pool;

  private Calibrator(CudaDevice device, MemorySegment host, DeviceMemory pool) {
    this.device = device;
    this.host = host;
    this.pool = pool;
  }

  /**
   * Measures a device that is open and that nobody uses. What a full device lacks is taken first.
   *
   * @throws io.pagoda.PagodaException if the device lacks memory, or fails
   */
  static Calibration of(CudaDevice device) {
    try (DeviceMemory pool = device.allocate(ALL);
        Arena arena = Arena.ofShared()) {
      MemorySegment host = MemoryNative.map(ALL, arena);
      Pinned pinned = device.pinned(host);
      try {
        pinned.done().toCompletableFuture().join();
        return new Calibrator(device, host, pool).measure();
      } finally {
        device.road(true).stream().drain();
        device.road(false).stream().drain();
        device.unpin(pinned);
      }
    }
  }

  /** What is measured first has a link, and a process, that are not awake yet. */
  private Calibration measure() {
    List<Rate> first = round();
    List<Rate> second = round();
    List<Rate> better = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      better.add(first.get(i).orBetter(second.get(i)));
    }
    return new Calibration(better);
  }

  private List<Rate> round() {
    List<Rate> rates = new ArrayList<>();
    for (CopyPath path : PATHS) {
      for (long chunk : chunks(path)) {
        rates.add(rate(path, chunk));
      }
    }
    return rates;
  }

  private static long[] chunks(CopyPath path) {
    return switch (path) {
      case COPY_ENGINE -> ENGINE_CHUNKS;
      case GRID -> GRIDS;
      default -> KERNEL_CHUNKS;
    };
  }

  private Rate rate(CopyPath path, long size) {
    return switch (path) {
      case COPY_ENGINE -> rate(path, size, size, BLOCK, ENGINE_COPIES * size / BLOCK);
      case GRID -> rate(path, size, ROW, size, GRID_BYTES / size);
      default -> rate(path, size, size, BLOCK, BLOCKS);
    };
  }

  private Rate rate(CopyPath path, long size, long chunk, long block, long most) {
    int blocks = Math.toIntExact(ALL / block);
    BlockBatch batch = batch(block, blocks, Math.toIntExact(Math.clamp(most, 1, (long) blocks)));
    try (
        var region = new CudaRegion(device, List.of(stripes(chunk, block, blocks)), blocks, path)) {
      var measured = new Measured(region, batch, path != CopyPath.COPY_ENGINE);
      return new Rate(
          path, size, best(measured, Way.IN), best(measured, Way.OUT), best(measured, Way.BOTH));
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
    double best = rate(measured, way);
    for (int round = 1; round < ENGINE_ROUNDS && !measured.atOnce; round++) {
      best = Math.max(best, rate(measured, way));
    }
    return best;
  }

  /** {@return the stripes of a pool that is layer first} */
  private List<Stripe> stripes(long chunk, long block, int blocks) {
    List<Stripe> stripes = new ArrayList<>();
    for (long offset = 0; offset < block; offset += chunk) {
      stripes.add(new Stripe(pool.segment().address() + offset * blocks, chunk, offset, chunk));
    }
    return stripes;
  }

  private BlockBatch batch(long block, int blocks, int copied) {
    int[] numbers = new int[copied];
    long[] offsets = new long[copied];
    for (int i = 0; i < copied; i++) {
      numbers[i] = (int) ((long) i * SCATTER % blocks);
      offsets[i] = i * block;
    }
    return BlockBatch.withoutKeys(host, offsets, numbers, block);
  }

  private double rate(Measured measured, Way way) {
    List<Event> events = new ArrayList<>();
    try (var _ = device.context.enter()) {
      try {
        return rate(measured, way, events);
      } finally {
        events.forEach(Event::destroy);
      }
    }
  }

  private double rate(Measured measured, Way way, List<Event> events) {
    Event start = timed(events);
    begin(start, way, measured.atOnce);
    double millis = 1e-3;
    for (boolean in : ways(way)) {
      Event end = timed(events);
      device.road(in).stream().order(stream -> {
        measured.region.into(stream, measured.batch, 0, in);
        end.record(stream);
      });
    }
    List<Event> ends = events.subList(1, events.size());
    for (Event end : ends) {
      check(end.await(), "Calibrating %s", device.uuid());
      millis = Math.max(millis, end.millisSince(start));
    }
    return ends.size() * measured.batch.bytes() / 1e6 / millis;
  }

  private Event timed(List<Event> events) {
    Event event = Event.timed(device.context);
    events.add(event);
    return event;
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
      if (atOnce) {
        check(
            CallsNative.copy(pool.segment().address(), host.address(), BUSY, stream.address()),
            "cuMemcpyAsync");
      }
      start.record(stream);
    });
    ways(way).forEach(in -> device.road(in).holdUp(start));
  }
}
