package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Fetch;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.LayerListener;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.DeviceFlow;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.Sections.Range;
import io.pagoda.core.graph.Sections.Section;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.pool.HostDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pools whose memory is that of devices, whole or in part. */
class DevicePoolTest {
  private static final int LAYERS = 4;
  private static final int BLOCKS = 8;
  private static final int CHUNK = 24;
  private static final PoolSpec RANK = new PoolSpec(KvLayout.LAYER_FIRST, LAYERS, 2, BLOCKS, CHUNK);
  private static final long BLOCK = 2 * RANK.blockBytes();

  private final HostDevice one = new HostDevice("GPU-1");
  private final HostDevice two = new HostDevice("GPU-2");
  private final Arena arena = Arena.ofShared();
  private final SplittableRandom random = new SplittableRandom(11);
  private final MemorySegment first = one.allocate(RANK.bytes()).segment();
  private final MemorySegment second = two.allocate(RANK.bytes()).segment();
  private final BlockStore store = store();

  private BlockStore store() {
    var half = RANK.blockBytes() / 2;
    // Two sections: the first two layers of both ranks, then the other two.
    var sections = new Sections(
        BLOCK,
        List.of(
            new Section(List.of(new Range(0, half), new Range(2 * half, half))),
            new Section(List.of(new Range(half, half), new Range(3 * half, half)))));
    var graph = new TierGraph(
        List.of(EngineRig.node("host", new SimulatedHub(16, (int) BLOCK))), List.of(), sections);
    return Engine.open(graph, List.of(one, two), EngineSettings.DEFAULT, StageTimes.NONE);
  }

  @AfterEach
  void close() {
    store.close();
    arena.close();
    assertEquals(0, one.regions.get() + two.regions.get(), "regions left open");
  }

  private static PoolPart rank(int rank, MemorySegment memory, String device) {
    return new PoolPart(RANK, List.of(memory), rank * RANK.blockBytes(), 0, false, device);
  }

  private static BlockKeys keys(int count) {
    return BlockKeys.ofWords(IntStream.range(1, 2 * count + 1).asLongStream().toArray());
  }

  private byte[] fill(MemorySegment memory) {
    byte[] bytes = new byte[Math.toIntExact(memory.byteSize())];
    random.nextBytes(bytes);
    memory.copyFrom(MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static byte[] bytes(MemorySegment memory) {
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void blocksGoFromTwoDevicesIntoTheStoreAndBack() {
    try (Pool pool = store.register(List.of(rank(0, first, "GPU-1"), rank(1, second, "GPU-2")))) {
      roundTrip(pool, first, second);
    }
  }

  @Test
  void oneRankMayBeInHostMemory() {
    MemorySegment host = arena.allocate(RANK.bytes());
    try (Pool pool = store.register(List.of(rank(0, first, "GPU-1"), rank(1, host, "")))) {
      roundTrip(pool, first, host);
    }
  }

  @Test
  void statisticsTellWhatEachDeviceCopied() {
    try (Pool pool = store.register(List.of(rank(0, first, "GPU-1"), rank(1, second, "GPU-2")))) {
      roundTrip(pool, first, second);
      long bytes = 5 * RANK.blockBytes();
      assertEquals(
          List.of(
              flow("GPU-1", true, bytes), flow("GPU-1", false, bytes), flow("GPU-2", true, bytes),
              flow("GPU-2", false, bytes)),
          store.statistics().flows());
    }
  }

  private static DeviceFlow flow(String device, boolean in, long bytes) {
    return new DeviceFlow(device, "memcpy", in, 1, bytes, 1_000);
  }

  private void roundTrip(Pool pool, MemorySegment rank0, MemorySegment rank1) {
    byte[] before0 = fill(rank0);
    byte[] before1 = fill(rank1);
    int[] blocks = {6, 1, 3, 0, 7};
    Outcome put = EngineRig.await(store.put(keys(5), pool, blocks));
    assertEquals(5, put.blocks(), put.toString());
    for (int block : blocks) {
      forget(rank0, block);
      forget(rank1, block);
    }
    Outcome fetched = EngineRig.await(store.fetch(store.match(keys(5)), pool, blocks));
    assertEquals(5, fetched.blocks(), fetched.toString());
    assertArrayEquals(before0, bytes(rank0), "the whole memory of rank 0");
    assertArrayEquals(before1, bytes(rank1), "the whole memory of rank 1");
  }

  private static void forget(MemorySegment memory, int block) {
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int tensor = 0; tensor < 2; tensor++) {
        memory.asSlice(RANK.offset(block, layer, tensor), CHUNK).fill((byte) 0);
      }
    }
  }

  @Test
  void aReplicaIsWrittenAndNeverRead() {
    var whole = new PoolSpec(KvLayout.BLOCK_FIRST, LAYERS, 2, BLOCKS, 2 * CHUNK);
    MemorySegment original = one.allocate(whole.bytes()).segment();
    MemorySegment copy = two.allocate(whole.bytes()).segment();
    byte[] expected = fill(original);
    var parts = List.of(
        new PoolPart(whole, List.of(original), 0, 0, false, "GPU-1"),
        new PoolPart(whole, List.of(copy), 0, 0, true, "GPU-2"));
    int[] all = IntStream.range(0, BLOCKS).toArray();
    try (Pool pool = store.register(parts)) {
      EngineRig.await(store.put(keys(BLOCKS), pool, all));
      original.fill((byte) 0);
      EngineRig.await(store.fetch(store.match(keys(BLOCKS)), pool, all));
      assertArrayEquals(expected, bytes(original));
      assertArrayEquals(expected, bytes(copy));
    }
  }

  @Test
  void layersComeInOrder() {
    try (Pool pool = store.register(List.of(rank(0, first, "GPU-1"), rank(1, second, "GPU-2")))) {
      byte[] before = fill(first);
      int[] blocks = {0, 1, 2};
      EngineRig.await(store.put(keys(3), pool, blocks));
      for (int block : blocks) {
        forget(first, block);
      }
      List<Integer> layers = new ArrayList<>();
      LayerListener listener = (layer, _) -> layers.add(layer);
      var options = JobOptions.DEFAULT.telling(listener);
      var fetch = new Fetch(store.match(keys(3)), blocks, options);
      EngineRig.await(store.fetch(pool, List.of(fetch)).getFirst());
      assertEquals(List.of(0, 1, 2, 3), layers);
      assertArrayEquals(before, bytes(first));
    }
  }

  @Test
  void aDeviceThatIsGoneFailsItsJobsAndNoOthers() {
    MemorySegment host = arena.allocate(2 * RANK.bytes());
    var whole = new PoolSpec(KvLayout.BLOCK_FIRST, LAYERS, 2, BLOCKS, 2 * CHUNK);
    try (Pool pool = store.register(List.of(rank(0, first, "GPU-1"), rank(1, second, "GPU-2")));
        Pool other = store.register(whole, host)) {
      fill(host);
      EngineRig.await(store.put(keys(4), other, 0, 1, 2, 3));
      two.copiesLeft.set(0);
      Outcome fetched = EngineRig.await(store.fetch(store.match(keys(4)), pool, 0, 1, 2, 3));
      assertEquals(0, fetched.blocks());
      assertEquals(End.FAILED, fetched.end());
      assertTrue(fetched.reason().contains("the device is gone"), fetched.reason());
      one.log.clear();
      Outcome later = EngineRig.await(store.fetch(store.match(keys(4)), pool, 0, 1, 2, 3));
      assertTrue(later.reason().contains("GPU-2 is retired until"), later.reason());
      assertEquals(List.of(), one.log, "the other device is not asked for what is of no use");
      Outcome again = EngineRig.await(store.fetch(store.match(keys(4)), other, 4, 5, 6, 7));
      assertEquals(4, again.blocks());
    }
  }

  @Test
  void anUnknownDeviceIsRefusedByName() {
    var thrown = assertThrows(
        IllegalArgumentException.class,
        () -> store.register(List.of(rank(0, first, "GPU-3"), rank(1, second, "GPU-2"))));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains("no device GPU-3, but [GPU-1, GPU-2]"),
        thrown.getMessage());
    assertEquals(0, two.regions.get(), "what was mapped before is closed");
  }
}
