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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
  void twoDevicesOfAStorePinTheSameMemory() {
    CudaDevice one = device();
    CudaDevice two = device();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment hub = Host.pages(arena, BLOCKS * BLOCK);
      one.pin(hub);
      Host.awaitPinned(one, hub);
      two.pin(hub);
      Host.awaitPinned(two, hub);
      assertEquals(0, two.context.census.pins.get(), "the first unpins it");
      two.close();
      one.close();
    }
    assertTrue(one.context.census.isEmpty(), one.context.census::toString);
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
