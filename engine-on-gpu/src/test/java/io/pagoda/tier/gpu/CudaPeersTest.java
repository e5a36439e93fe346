package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.Availability;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.PeerRoute;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.DeviceAddressable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Blocks that go between a tier's slots on a device and a layer-first pool without host memory: on
 * one device, and between two where there are two.
 */
@OnGpu
class CudaPeersTest {
  private static final int BLOCKS = 24;
  private static final int PLANES = 12;
  private static final long SEED = Long.getLong("pagoda.seed", System.nanoTime());

  private static CudaDevice open(int which, CopyPath path) {
    String uuid = Cuda.uuid(Cuda.all().get(which));
    return CudaDevice.open(new CudaSettings(uuid, 4, path, 16 << 20), "gpu" + which);
  }

  private static List<Stripe> stripes(DeviceMemory pool, long chunk) {
    List<Stripe> stripes = new ArrayList<>();
    for (int plane = 0; plane < PLANES; plane++) {
      long at = pool.segment().address() + plane * chunk * BLOCKS;
      stripes.add(new Stripe(at, chunk, plane * chunk, chunk));
    }
    return stripes;
  }

  @ParameterizedTest
  @CsvSource({"4096, auto", "4100, auto", "333, auto", "65536, staged", "65536, copy_engine",
    "65536, grid", "524288, auto", "65536, plain"})
  void blocksGoBetweenSlotsAndAPoolOfTheSameDeviceOrAnother(long chunk, String word) {
    CopyPath path = CopyPath.valueOf(word.toUpperCase(Locale.ROOT));
    for (int other = 0; other < Math.min(2, Cuda.devices()); other++) {
      try (CudaDevice device = open(0, path);
          GpuTier tier = GpuTier.open(settings(other, chunk * PLANES), "below")) {
        thereAndBack(device, tier, chunk, path);
      }
    }
  }

  private static GpuSettings settings(int which, long blockBytes) {
    String uuid = Cuda.uuid(Cuda.all().get(which));
    return new GpuSettings(BLOCKS, blockBytes, new CudaSettings(uuid, 4, CopyPath.AUTO, 0));
  }

  private static void thereAndBack(CudaDevice device, GpuTier tier, long chunk, CopyPath path) {
    long block = chunk * PLANES;
    DeviceAddressable slots = tier.ability(DeviceAddressable.class).orElseThrow();
    PeerRoute route = device.ability(PeerRoute.class).orElseThrow();
    assertInstanceOf(Availability.Ready.class, route.reach(slots.memory()));
    try (Arena arena = Arena.ofShared();
        DeviceMemory pool = device.allocate(block * BLOCKS);
        DeviceRegion region = device.map(List.of(stripes(pool, chunk)), BLOCKS)) {
      MemorySegment bytes = arena.allocate(block * BLOCKS, 4096);
      Host.fill(bytes, SEED);
      assertEquals(
          BatchResult.COMPLETE, Host.await(done -> tier.store(inOrder(bytes, block), done)));
      assertEquals(
          BatchResult.COMPLETE,
          Host.await(done -> region.copy(direct(slots, block), 0, true, done)));
      MemorySegment planes = arena.allocate(block * BLOCKS, 4096);
      Host.read(device, pool, planes);
      for (int i = 0; i < BLOCKS; i++) {
        for (int plane = 0; plane < PLANES; plane++) {
          long at = (plane * (long) BLOCKS + inPool(i)) * chunk;
          assertEquals(
              -1,
              planes.asSlice(at, chunk).mismatch(bytes.asSlice(i * block + plane * chunk, chunk)),
              "block %d plane %d; seed %d".formatted(i, plane, SEED));
        }
      }
      Host.write(device, pool, planes.fill((byte) 7));
      assertEquals(
          BatchResult.COMPLETE,
          Host.await(done -> region.copy(direct(slots, block), 0, false, done)));
      MemorySegment back = arena.allocate(block * BLOCKS, 4096);
      assertEquals(BatchResult.COMPLETE, Host.await(done -> tier.load(inOrder(back, block), done)));
      assertEquals(-1, back.mismatch(planes), "what the pool held is in the slots");
      String expected = expected(path, chunk);
      assertTrue(
          device.flows().stream().allMatch(flow -> flow.path().equals(expected)),
          () -> device.flows() + " and not " + expected);
    }
    route.leave(slots.memory());
  }

  private static String expected(CopyPath path, long chunk) {
    return switch (path) {
      case PLAIN -> "plain";
      case COPY_ENGINE -> "copy-engine";
      default -> chunk < 512 << 10 ? "kernel" : "copy-engine";
    };
  }

  private static int inPool(int block) {
    return block * 7 % BLOCKS;
  }

  /** {@return the blocks in host memory, and in the slots of the same numbers} */
  private static BlockBatch inOrder(MemorySegment memory, long block) {
    long[] offsets = new long[BLOCKS];
    int[] slots = new int[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      offsets[i] = i * block;
      slots[i] = i;
    }
    return BlockBatch.withoutKeys(memory, offsets, slots, block);
  }

  /** {@return the blocks in the tier's slots, and where they are in the pool} */
  private static BlockBatch direct(DeviceAddressable tier, long block) {
    long[] offsets = new long[BLOCKS];
    int[] slots = new int[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      offsets[i] = tier.offset(i);
      slots[i] = inPool(i);
    }
    return BlockBatch.withoutKeys(tier.memory().segment(), offsets, slots, block);
  }

  @Test
  void memoryThatWasLeftIsCopiedByTheDriverAndHostMemoryIsNotReached() {
    try (CudaDevice device = open(0, CopyPath.AUTO);
        DeviceMemory memory = device.allocate(1 << 20);
        Arena arena = Arena.ofShared()) {
      PeerRoute route = device.ability(PeerRoute.class).orElseThrow();
      assertInstanceOf(Availability.Ready.class, route.reach(memory));
      route.leave(memory);
      MemorySegment host = arena.allocate(1 << 20);
      var unknown = new DeviceMemory() {
        @Override
        public MemorySegment segment() {
          return host;
        }

        @Override
        public void close() {}
      };
      var refused = assertInstanceOf(Availability.Unavailable.class, route.reach(unknown));
      assertTrue(refused.reason().contains("no device memory"), refused.reason());
    }
  }
}
