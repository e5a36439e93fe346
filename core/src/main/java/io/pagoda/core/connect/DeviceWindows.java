package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.core.pool.Results;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The ways between host memory and any memory of one device. A device copies blocks of what was
 * mapped, and to map waits for it; so a gibibyte of its addresses is mapped at once, when something
 * in it is first copied, and stays mapped. A block is then a power of two bytes, up to a mebibyte,
 * and its number is where it starts: what lies there is cut into such blocks, none over another.
 * A window costs the device some tens of KiB.
 *
 * <p><b>Threads.</b> Any; who is first in a window waits for the device.
 */
final class DeviceWindows implements AutoCloseable {
  /** Addresses of a window: numbers of blocks are integers. */
  static final long WINDOW_BYTES = 1L << 30;

  /** The largest block has two to the power of this many bytes. */
  static final int LARGEST = 20;

  private final Device device;
  private final Map<Long, DeviceRegion> windows = new HashMap<>();
  private boolean closed;

  /** Blocks of one size in one window. */
  private record Kind(long window, int power) {}

  /** Where blocks are in host memory, and on the device. */
  private record Places(List<Long> offsets, List<Integer> numbers) {
    Places() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    BlockBatch batch(MemorySegment memory, int power) {
      return BlockBatch.withoutKeys(
          memory, offsets.stream().mapToLong(Long::longValue).toArray(),
          numbers.stream().mapToInt(Integer::intValue).toArray(), 1L << power);
    }
  }

  DeviceWindows(Device device) {
    this.device = device;
  }

  Device device() {
    return device;
  }

  /**
   * Copies stretches of the device's memory.
   *
   * @param stretches which
   * @param memory host memory
   * @param offsets where each stretch starts there, in bytes
   * @param toDevice whether the device's memory is what is written
   * @return completes when all are copied, or are not and nothing is touched any more, in a thread
   *     of the device
   */
  CompletableFuture<BatchResult> copy(
      List<Descriptor> stretches, MemorySegment memory, long[] offsets, boolean toDevice) {
    Map<Kind, Places> blocks = new LinkedHashMap<>();
    for (int i = 0; i < offsets.length; i++) {
      cut(stretches.get(i), offsets[i], blocks);
    }
    CompletableFuture<BatchResult> all = CompletableFuture.completedFuture(BatchResult.COMPLETE);
    for (Map.Entry<Kind, Places> each : blocks.entrySet()) {
      all = all.thenCombine(copy(each.getKey(), each.getValue(), memory, toDevice), Results::both);
    }
    return all;
  }

  /** Adds a stretch's blocks, large ones first: they lie as well as the stretch does. */
  private static void cut(Descriptor stretch, long offset, Map<Kind, Places> blocks) {
    long at = 0;
    for (long left = stretch.bytes(); left > 0; left = stretch.bytes() - at) {
      int power = Math.min(LARGEST, Long.SIZE - 1 - Long.numberOfLeadingZeros(left));
      long address = stretch.address() + at;
      long window = address / WINDOW_BYTES;
      Places places = blocks.computeIfAbsent(new Kind(window, power), _ -> new Places());
      places.offsets.add(offset + at);
      places.numbers.add((int) (address - start(window)));
      at += 1L << power;
    }
  }

  /** No memory is at address 0. */
  private static long start(long window) {
    return Math.max(1, window * WINDOW_BYTES);
  }

  /** Throws nothing: others of the same operation may be on their way. */
  private CompletableFuture<BatchResult> copy(
      Kind kind, Places places, MemorySegment memory, boolean toDevice) {
    var done = new CompletableFuture<BatchResult>();
    try {
      BlockBatch batch = places.batch(memory, kind.power);
      region(kind.window).copy(batch, kind.power, toDevice, done::complete);
    } catch (RuntimeException | Error e) {
      done.complete(Results.failed(device + " refused a copy: " + e.getMessage(), e));
    }
    return done;
  }

  private synchronized DeviceRegion region(long window) {
    if (closed) {
      throw new IllegalStateException("the connector is closed");
    }
    return windows.computeIfAbsent(window, this::map);
  }

  private DeviceRegion map(long window) {
    List<List<Stripe>> views = new ArrayList<>();
    for (int power = 0; power <= LARGEST; power++) {
      views.add(List.of(new Stripe(start(window), 1, 0, 1L << power)));
    }
    return device.map(views, Integer.MAX_VALUE);
  }

  /** Maps what a stretch is in, so that nobody waits for that later. */
  void map(Descriptor stretch) {
    long last = (stretch.address() + stretch.bytes() - 1) / WINDOW_BYTES;
    for (long window = stretch.address() / WINDOW_BYTES; window <= last; window++) {
      var _ = region(window);
    }
  }

  /** Forgets the windows; nothing is copied any more. */
  @Override
  public synchronized void close() {
    closed = true;
    windows.values().forEach(DeviceRegion::close);
    windows.clear();
  }
}
