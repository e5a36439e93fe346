package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Flow;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** Devices that are opened, and closed while they are at work. */
@OnGpu
class CudaLifeTest {
  private static final long BLOCK = 1 << 20;
  private static final int BLOCKS = 32;

  private static CudaDevice device() {
    return device(CopyPath.AUTO);
  }

  private static CudaDevice device(CopyPath path) {
    return CudaDevice.open(new CudaSettings("", 4, path, 16 << 20), "gpu");
  }

  private static DeviceRegion region(CudaDevice device, DeviceMemory memory) {
    return device
        .map(List.of(List.of(new Stripe(memory.segment().address(), BLOCK, 0, BLOCK))), BLOCKS);
  }

  private static BlockBatch all(MemorySegment hub, long at) {
    long[] offsets = IntStream.range(0, BLOCKS).mapToLong(i -> at + i * BLOCK).toArray();
    return BlockBatch.withoutKeys(hub, offsets, IntStream.range(0, BLOCKS).toArray(), BLOCK);
  }

  @Test
  void closingEndsWhatIsInFlightAndRefusesWhatComesLater() {
    CudaDevice device = device();
    var census = device.context.census;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment hub = Host.pages(arena, BLOCKS * BLOCK);
      device.pin(hub);
      Host.awaitPinned(device, hub);
      DeviceRegion region = region(device, device.allocate(BLOCKS * BLOCK));
      var completed = new AtomicInteger();
      for (int i = 0; i < 200; i++) {
        region.copy(all(hub, 0), 0, i % 2 == 0, result -> {
          assertEquals(BatchResult.COMPLETE, result);
          completed.incrementAndGet();
        });
      }
      device.close();
      assertEquals(200, completed.get(), "all that was in flight");
      assertThrows(IllegalStateException.class, () -> region.copy(all(hub, 0), 0, true, _ -> {}));
      device.close();
    }
    assertTrue(census.isEmpty(), census::toString);
  }

  @Test
  void whatWasNotGivenBackEndsWithTheDevice() {
    CudaDevice device = device();
    var census = device.context.census;
    DeviceMemory kept = device.allocate(BLOCK);
    region(device, device.allocate(BLOCKS * BLOCK));
    assertTrue(census.allocations.get() >= 3, census::toString);
    device.close();
    kept.close();
    assertTrue(census.isEmpty(), census::toString);
  }

  @Test
  void moreThanTwoGibibytesArePinnedAndCopiedAcrossTheSeams() {
    CudaDevice device = device();
    var census = device.context.census;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment hub = Host.pages(arena, (3L << 30) + (1 << 20));
      device.pin(hub);
      Host.awaitPinned(device, hub);
      assertEquals(4, census.pins.get(), "pieces of 1 GiB");
      DeviceMemory memory = device.allocate(BLOCKS * BLOCK);
      DeviceRegion region = region(device, memory);
      long seam = (2L << 30) - BLOCK / 2 - 4 * BLOCK;
      MemorySegment place = hub.asSlice(seam, BLOCKS * BLOCK);
      Host.fill(place, 9);
      assertEquals(
          BatchResult.COMPLETE, Host.await(done -> region.copy(all(hub, seam), 0, true, done)));
      MemorySegment image = arena.allocate(BLOCKS * BLOCK);
      Host.read(device, memory, image);
      assertEquals(-1, image.mismatch(place), "to the device");
      place.fill((byte) 0);
      assertEquals(
          BatchResult.COMPLETE, Host.await(done -> region.copy(all(hub, seam), 0, false, done)));
      assertEquals(-1, image.mismatch(place), "and back");
      device.close();
    }
    assertTrue(census.isEmpty(), census::toString);
  }

  @Test
  void whatTwoDevicesHavePinnedStaysWhenTheFirstIsClosed() {
    CudaDevice one = device();
    CudaDevice two = device(CopyPath.KERNEL);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment hub = Host.pages(arena, (2L << 30) + BLOCKS * BLOCK);
      one.pin(hub);
      two.pin(hub);
      Host.awaitPinned(one, hub);
      Host.awaitPinned(two, hub);
      assertEquals(3, one.context.census.pins.get());
      assertEquals(3, two.context.census.pins.get(), "both hold every piece");
      one.close();
      for (long at : new long[] {0, 1L << 30, 2L << 30}) {
        thereAndBack(two, hub, at);
      }
      assertEquals(
          List.of("kernel", "kernel"), two.flows().stream().map(Flow::path).toList(),
          "the kernel reads and writes host memory itself");
      two.close();
    }
    assertTrue(one.context.census.isEmpty(), one.context.census::toString);
    assertTrue(two.context.census.isEmpty(), two.context.census::toString);
  }

  private static void thereAndBack(CudaDevice device, MemorySegment hub, long at) {
    try (Arena arena = Arena.ofShared();
        DeviceMemory memory = device.allocate(BLOCKS * BLOCK);
        DeviceRegion region = region(device, memory)) {
      MemorySegment place = hub.asSlice(at, BLOCKS * BLOCK);
      Host.fill(place, at + 1);
      MemorySegment image = arena.allocate(BLOCKS * BLOCK).copyFrom(place);
      assertEquals(
          BatchResult.COMPLETE, Host.await(done -> region.copy(all(hub, at), 0, true, done)));
      place.fill((byte) 0);
      assertEquals(
          BatchResult.COMPLETE, Host.await(done -> region.copy(all(hub, at), 0, false, done)));
      assertEquals(-1, image.mismatch(place), "there and back");
    }
  }

  @Test
  void aDeviceThatRefusesToBeClosedByACompletionIsClosedLater() {
    CudaDevice device = device();
    var census = device.context.census;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment hub = Host.pages(arena, BLOCKS * BLOCK);
      DeviceRegion region = region(device, device.allocate(BLOCKS * BLOCK));
      var refused = new CompletableFuture<Throwable>();
      region.copy(all(hub, 0), 0, true, _ -> {
        refused.complete(assertThrows(IllegalStateException.class, device::close));
      });
      refused.orTimeout(60, TimeUnit.SECONDS).join();
      device.close();
    }
    assertTrue(census.isEmpty(), census::toString);
  }

  @Test
  void aCompletionThatThrowsAnErrorKeepsNobodyElseWaiting() {
    try (Arena arena = Arena.ofShared();
        CudaDevice device = device()) {
      MemorySegment hub = Host.pages(arena, BLOCKS * BLOCK);
      DeviceRegion region = region(device, device.allocate(BLOCKS * BLOCK));
      region.copy(all(hub, 0), 0, true, _ -> {
        throw new AssertionError("a caller's bug, thrown on purpose");
      });
      assertEquals(
          BatchResult.COMPLETE, Host.await(done -> region.copy(all(hub, 0), 0, true, done)));
    }
  }

  @Test
  void aDeviceWithoutRoomToBeMeasuredKeepsNothingOfTheTry() {
    try (CudaDevice other = device()) {
      long[] free = new long[1];
      try (var _ = other.context.enter()) {
        Cuda.check(JCudaDriver.cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
      }
      other.allocate(free[0] - (700L << 20));
      var measured =
          new CudaSettings("", 4, CopyPath.AUTO, 16 << 20, true, Optional.empty(), false);
      CudaDevice device = CudaDevice.open(measured, "gpu");
      var census = device.context.census;
      assertEquals(Calibration.USUAL, device.calibration(), "it was not measured");
      assertEquals(0, census.pins.get(), census::toString);
      device.close();
      assertTrue(census.isEmpty(), census::toString);
    }
  }

  @Test
  void flowsTellWhatWentWhichWay() {
    try (Arena arena = Arena.ofShared();
        CudaDevice device = device(CopyPath.STAGED)) {
      MemorySegment hub = Host.pages(arena, BLOCKS * BLOCK);
      DeviceRegion region = region(device, device.allocate(BLOCKS * BLOCK));
      Host.await(done -> region.copy(all(hub, 0), 0, true, done));
      device.pin(hub);
      Host.awaitPinned(device, hub);
      Host.await(done -> region.copy(all(hub, 0), 0, true, done));
      Host.await(done -> region.copy(all(hub, 0), 0, false, done));
      List<Flow> flows = device.flows();
      assertEquals(
          List.of("staged true 1", "plain true 1", "staged false 1"),
          flows.stream().map(f -> f.path() + " " + f.toDevice() + " " + f.batches()).toList());
      for (Flow flow : flows) {
        assertEquals(BLOCKS * BLOCK, flow.bytes());
        double speed = flow.gigabytesPerSecond();
        assertTrue(speed > 0.1 && speed < 70, flow + ": " + speed);
      }
    }
  }
}
