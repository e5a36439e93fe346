package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.DeviceSignal;
import io.pagoda.spi.device.Flow;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.tier.gpu.Calibration.Rate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large batches whose way to copy is chosen part by part, by what goes the other way. */
@OnGpu
class CudaTurnsTest {
  private static final int CHUNK = 64 << 10;
  private static final int PLANES = 32;
  private static final long BLOCK = (long) PLANES * CHUNK;
  private static final int BLOCKS = 160;
  private static final long BYTES = BLOCKS * BLOCK;

  /** Copy engines are quicker alone, stages with both directions. */
  private static final Calibration ONE_CTA = new Calibration(
      List.of(
          new Rate(CopyPath.KERNEL, 4096, 37, 42, 64), new Rate(CopyPath.STAGED, 4096, 45, 45, 90),
          new Rate(CopyPath.COPY_ENGINE, CHUNK, 53, 53, 75)));

  @TempDir private Path directory = Path.of("");

  private static CudaSettings settings(Optional<Path> calibrations) {
    return new CudaSettings(
        "", 1, CopyPath.AUTO, 96 << 20, calibrations.isPresent(), calibrations, false);
  }

  /** {@return a device that takes itself for one with that calibration} */
  private CudaDevice device() {
    try (CudaDevice same = CudaDevice.open(settings(Optional.empty()), "gpu")) {
      String name = "%s-%d-%d.txt".formatted(same.uuid(), 1, 96 << 20);
      new CalibrationFile(directory.resolve(name), Calibrations.key(same)).write(ONE_CTA);
    }
    return CudaDevice.open(settings(Optional.of(directory)), "gpu");
  }

  private static DeviceRegion region(CudaDevice device) {
    long pool = device.allocate(BYTES).segment().address();
    List<Stripe> stripes = new ArrayList<>();
    for (int plane = 0; plane < PLANES; plane++) {
      stripes.add(
          new Stripe(pool + (long) plane * BLOCKS * CHUNK, CHUNK, (long) plane * CHUNK, CHUNK));
    }
    return device.map(List.of(stripes), BLOCKS);
  }

  private static BlockBatch all(MemorySegment hub, long at) {
    long[] offsets = new long[BLOCKS];
    int[] slots = new int[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      offsets[i] = at + (i * 7L % BLOCKS) * BLOCK;
      slots[i] = i * 11 % BLOCKS;
    }
    return BlockBatch.withoutKeys(hub, offsets, slots, BLOCK);
  }

  private static CompletableFuture<BatchResult> start(
      DeviceRegion region, MemorySegment hub, long at, boolean in) {
    var ended = new CompletableFuture<BatchResult>();
    region.copy(all(hub, at), 0, in, ended::complete);
    return ended.orTimeout(60, TimeUnit.SECONDS);
  }

  @Test
  void bothWaysAtOnceAreStagedAndWhatGoesAloneIsNot() {
    try (Arena arena = Arena.ofShared();
        CudaDevice device = device()) {
      MemorySegment hub = Host.pages(arena, 4 * BYTES);
      Host.fill(hub.asSlice(0, 2 * BYTES), 5);
      device.pin(hub);
      Host.awaitPinned(device, hub);
      DeviceRegion one = region(device);
      DeviceRegion two = region(device);
      assertEquals(BatchResult.COMPLETE, start(one, hub, 0, true).join());
      assertEquals(List.of("copy-engine true 4"), flows(device));
      var in = start(two, hub, BYTES, true);
      var out = start(one, hub, 2 * BYTES, false);
      assertEquals(BatchResult.COMPLETE, in.join());
      assertEquals(BatchResult.COMPLETE, out.join());
      assertTrue(flows(device).toString().contains("staged false"), flows(device).toString());
      assertEquals(BatchResult.COMPLETE, start(two, hub, 3 * BYTES, false).join());
      assertEquals(
          -1, hub.asSlice(0, 2 * BYTES).mismatch(hub.asSlice(2 * BYTES, 2 * BYTES)), "bytes");
    }
  }

  private static List<String> flows(CudaDevice device) {
    return device.flows()
        .stream()
        .sorted(Comparator.comparing(Flow::path))
        .map(flow -> flow.path() + " " + flow.toDevice() + " " + flow.batches())
        .toList();
  }

  @Test
  void anEventThatIsRecordedComesWhenEveryPartHas() {
    try (Arena arena = Arena.ofShared();
        CudaDevice device = device()) {
      MemorySegment hub = Host.pages(arena, 2 * BYTES);
      Host.fill(hub.asSlice(0, BYTES), 6);
      device.pin(hub);
      Host.awaitPinned(device, hub);
      DeviceRegion region = region(device);
      assertEquals(BatchResult.COMPLETE, start(region, hub, 0, true).join());
      TestEvent event;
      try (var _ = device.context.enter()) {
        event = TestEvent.create();
      }
      var out = start(region, hub, BYTES, false);
      DeviceSignal signal = device.signal(event.on(device));
      signal.record(false);
      try (var _ = device.context.enter()) {
        Cuda.check(JCudaDriver.cuEventSynchronize(event), "cuEventSynchronize");
      }
      assertEquals(-1, hub.asSlice(0, BYTES).mismatch(hub.asSlice(BYTES, BYTES)), "bytes");
      assertEquals(BatchResult.COMPLETE, out.join());
      signal.close();
    }
  }

  @Test
  void closingEndsEveryPart() {
    CudaDevice device = device();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment hub = Host.pages(arena, BYTES);
      device.pin(hub);
      Host.awaitPinned(device, hub);
      DeviceRegion region = region(device);
      List<CompletableFuture<BatchResult>> running = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        running.add(start(region, hub, 0, i % 2 == 0));
      }
      device.close();
      running.forEach(one -> assertEquals(BatchResult.COMPLETE, one.join()));
      assertTrue(device.context.census.isEmpty(), device.context.census::toString);
    }
  }
}
