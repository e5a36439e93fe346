package io.pagoda.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolMemoryTest {
  private static final byte GUARD = 0x77;

  /** The strides of FlexKV's published table: L=2, kv=2, B=4, T=16, H=8, D=128, one byte each. */
  @Test
  void stridesAreThoseOfTheField() {
    long chunk = 16L * 8 * 128;
    assertStrides(new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 4, chunk), 16384, 131072, 65536);
    assertStrides(new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, 4, chunk), 65536, 32768, 16384);
    assertStrides(new PoolSpec(KvLayout.LAYER_BLOCK, 2, 2, 4, chunk), 32768, 131072, 16384);
  }

  private static void assertStrides(PoolSpec spec, long block, long layer, long tensor) {
    assertEquals(block, spec.blockStride());
    assertEquals(layer, spec.layerStride());
    assertEquals(tensor, spec.tensorStride());
    assertEquals(262144, spec.bytes());
  }

  /** Gathers from a pool of one layout and scatters into one of another; nothing else changes. */
  @Test
  void everyLayoutTranslatesIntoEveryOther() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (KvLayout from : KvLayout.values()) {
      for (KvLayout to : KvLayout.values()) {
        for (int round = 0; round < 50; round++) {
          translate(from, to, random, "repeat with -Dpagoda.seed=" + seed);
        }
      }
    }
  }

  private static void translate(
      KvLayout from, KvLayout to, SplittableRandom random, String repeat) {
    int layers = 1 + random.nextInt(5);
    int tensors = 1 + random.nextInt(2);
    int blocks = 1 + random.nextInt(9);
    long chunk = 1L + random.nextInt(70);
    try (Arena arena = Arena.ofConfined()) {
      var source = new PoolSpec(from, layers, tensors, blocks, chunk);
      var target = new PoolSpec(to, layers, tensors, blocks + 3, chunk);
      MemorySegment sourceMemory = arena.allocate(source.bytes());
      fill(sourceMemory, source);
      MemorySegment targetMemory = arena.allocate(target.bytes() + 8).fill(GUARD);
      int[] some = IntStream.range(0, blocks).filter(_ -> random.nextBoolean()).toArray();
      if (some.length == 0) {
        return;
      }
      int[] elsewhere = IntStream.of(some).map(block -> block + 3).toArray();
      MemorySegment host = arena.allocate((long) some.length * source.blockBytes());
      new PoolMemory(source, sourceMemory).gather(batch(host, some, source.blockBytes()));
      new PoolMemory(target, targetMemory).scatter(batch(host, elsewhere, target.blockBytes()));
      MemorySegment expected = arena.allocate(targetMemory.byteSize()).fill(GUARD);
      for (int i = 0; i < some.length; i++) {
        put(expected, target, elsewhere[i], some[i]);
      }
      assertEquals(-1, expected.mismatch(targetMemory), repeat + " " + source + " " + target);
    }
  }

  private static BlockBatch batch(MemorySegment host, int[] blocks, long blockBytes) {
    long[] offsets = new long[blocks.length];
    for (int i = 0; i < blocks.length; i++) {
      offsets[i] = i * blockBytes;
    }
    return BlockBatch.of(host, offsets, blocks, new long[2 * blocks.length], blockBytes);
  }

  private static void fill(MemorySegment memory, PoolSpec spec) {
    for (int block = 0; block < spec.blocks(); block++) {
      put(memory, spec, block, block);
    }
  }

  /** Writes the bytes that identify block {@code name} into block {@code block} of a pool. */
  private static void put(MemorySegment memory, PoolSpec spec, int block, int name) {
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int tensor = 0; tensor < spec.tensors(); tensor++) {
        long at = spec.offset(block, layer, tensor);
        for (long i = 0; i < spec.chunkBytes(); i++) {
          long word = ((name * 8L + layer) * 2 + tensor) * 128 + i;
          memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) ((word * 0x9E3779B97F4A7C15L) >>> 56));
        }
      }
    }
  }

  @Test
  void refusesBlocksThatAreNotThereOrTwice() {
    try (Arena arena = Arena.ofConfined()) {
      var spec = new PoolSpec(KvLayout.LAYER_FIRST, 1, 1, 100, 8);
      var pool = new PoolMemory(spec, arena.allocate(spec.bytes()));
      pool.check(new int[] {0, 99, 64, 65}, true);
      pool.check(new int[] {5, 5}, false);
      assertThrows(IllegalArgumentException.class, () -> pool.check(new int[] {5, 7, 5}, true));
      assertThrows(IndexOutOfBoundsException.class, () -> pool.check(new int[] {100}, true));
      assertThrows(IndexOutOfBoundsException.class, () -> pool.check(new int[] {-1}, false));
    }
  }
}
