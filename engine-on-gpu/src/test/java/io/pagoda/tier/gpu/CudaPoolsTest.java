package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvLayout;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole pools with guards around each rank's memory, byte for byte, by every path: what the device
 * does must be what the host's copies do.
 */
@OnGpu
class CudaPoolsTest {
  private static final int LAYERS = 3;
  private static final int GUARD = 4096;
  private static final int[] CHUNKS = {256, 1_000, 1_003, 4_112, 16_384, 65_536, 262_144, 1 << 20};
  private static final int[] RANKS = {1, 2, 4};

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());

  /**
   * A way to hold a block.
   *
   * @param latent whether every rank holds all of it
   */
  private record Shape(KvLayout layout, boolean latent, int ranks, int chunk) {
    PoolSpec spec() {
      return new PoolSpec(layout, LAYERS, latent ? 1 : 2, chunk > 100_000 ? 4 : 9, chunk);
    }

    long blockBytes() {
      return spec().blockBytes() * (latent ? 1 : ranks);
    }

    List<PoolPart> parts(Function<Integer, MemorySegment> memory, String device) {
      List<PoolPart> parts = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        long offset = latent ? 0 : rank * spec().blockBytes();
        MemorySegment pool = memory.apply(rank).asSlice(GUARD, spec().bytes());
        parts.add(new PoolPart(spec(), List.of(pool), offset, 0, latent && rank > 0, device));
      }
      return parts;
    }
  }

  @ParameterizedTest
  @EnumSource(CopyPath.class)
  void theDeviceDoesWhatTheHostWould(CopyPath path) {
    var settings = new CudaSettings("", 4, path, 8 << 20);
    Census census;
    try (Arena arena = Arena.ofShared();
        CudaDevice device = CudaDevice.open(settings, "gpu")) {
      census = device.context.census;
      MemorySegment hub = Host.pages(arena, 128 << 20);
      device.pin(hub);
      Host.awaitPinned(device, hub);
      for (int chunk : CHUNKS) {
        for (int ranks : RANKS) {
          compare(device, hub, chunk, ranks);
        }
      }
      assertTrue(census.events.get() <= 8, "events are given back: " + census);
    }
    assertTrue(census.isEmpty(), census::toString);
  }

  private void compare(CudaDevice device, MemorySegment hub, int chunk, int ranks) {
    for (KvLayout layout : KvLayout.values()) {
      compare(device, hub, new Shape(layout, false, ranks, chunk));
      compare(device, hub, new Shape(layout, true, ranks, chunk));
    }
  }

  /** Puts all blocks, and fetches all but one into memory that holds something else by then. */
  private void compare(CudaDevice device, MemorySegment hub, Shape shape) {
    List<DeviceMemory> there = new ArrayList<>();
    List<MemorySegment> here = new ArrayList<>();
    long bytes = shape.spec().bytes() + 2 * GUARD;
    try (Arena arena = Arena.ofShared()) {
      for (int rank = 0; rank < shape.ranks; rank++) {
        there.add(device.allocate(bytes));
        here.add(arena.allocate(bytes));
      }
      var sections = Sections.whole(shape.blockBytes());
      try (var pool = new PoolMemory(
          shape.parts(rank -> there.get(rank).segment(), device.uuid()), sections, _ -> device)) {
        var image = new PoolMemory(shape.parts(here::get, ""), sections);
        compare(device, hub, shape, pool, image, there, here);
      }
    } finally {
      there.forEach(DeviceMemory::close);
    }
  }

  private void compare(
      CudaDevice device, MemorySegment hub, Shape shape, PoolMemory pool, PoolMemory image,
      List<DeviceMemory> there, List<MemorySegment> here) {
    int blocks = shape.spec().blocks();
    refill(device, there, here, seed);
    hub.fill((byte) 0x5a);
    BlockBatch all = batch(hub, shape, blocks);
    assertEquals(BatchResult.COMPLETE, Host.await(done -> pool.gather(all, done, () -> {})));
    try (Arena arena = Arena.ofShared()) {
      MemorySegment expected = arena.allocate(hub.byteSize());
      expected.fill((byte) 0x5a);
      image.gather(batch(expected, shape, blocks));
      assertEquals(-1, expected.mismatch(hub), () -> "out, " + shape + ", seed " + seed);
    }
    refill(device, there, here, seed + 1);
    BlockBatch most = batch(hub, shape, blocks - 1);
    assertEquals(BatchResult.COMPLETE, Host.await(done -> pool.scatter(most, -1, done, () -> {})));
    image.scatter(most);
    for (int rank = 0; rank < shape.ranks; rank++) {
      try (Arena arena = Arena.ofShared()) {
        MemorySegment found = arena.allocate(here.get(rank).byteSize());
        Host.read(device, there.get(rank), found);
        int of = rank;
        assertEquals(
            -1, here.get(rank).mismatch(found),
            () -> "in, rank " + of + " of " + shape + ", seed " + seed);
      }
    }
  }

  private static void refill(
      CudaDevice device, List<DeviceMemory> there, List<MemorySegment> here, long with) {
    for (int rank = 0; rank < there.size(); rank++) {
      Host.fill(here.get(rank), with * 31 + rank);
      Host.write(device, there.get(rank), here.get(rank));
    }
  }

  /** {@return pool blocks in no order, each at an odd place} */
  private static BlockBatch batch(MemorySegment hub, Shape shape, int count) {
    int blocks = shape.spec().blocks();
    long[] offsets = new long[count];
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = (long) i * (shape.blockBytes() + 48) + 16;
      numbers[i] = (i * (blocks - 1) + 1) % blocks;
    }
    return BlockBatch.withoutKeys(hub, offsets, numbers, shape.blockBytes());
  }
}
