package io.pagoda.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.ElementType;
import io.pagoda.KvLayout;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolMemoryTest {
  private static final long SEED = Long.getLong("pagoda.seed", System.nanoTime());

  private final SplittableRandom random = new SplittableRandom(SEED);

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

  /** Rank 1 of 2 starts half-way: FlexKV's case 23, in bytes instead of elements. */
  @Test
  void ranksAreOneAfterTheOther() {
    var model =
        new ModelSpec("m", List.of(LayerGroup.separate(2, 8, 128, ElementType.INT8)), 16, 2);
    assertEquals(65536, model.blockBytes());
    assertEquals(32768, model.rankOffset(1));
    assertEquals(32768, model.rankBytes(1));
    assertEquals(4096, model.bytesPerToken());
  }

  /**
   * Gathers from one engine and scatters into another that shares the model and nothing else. Both
   * pools are compared whole: what was not asked for, and guards beyond the end, stay as they were.
   */
  @ParameterizedTest
  @CsvSource({"false, 1", "false, 2", "false, 4", "true, 1", "true, 2", "true, 4"})
  void everyLayoutTranslatesIntoEveryOther(boolean shared, int ranks) {
    for (KvLayout from : KvLayout.values()) {
      for (KvLayout to : KvLayout.values()) {
        for (ElementType type : ElementType.values()) {
          translate(Engines.Shape.random(random, shared, ranks, type), from, to);
        }
      }
    }
  }

  private void translate(Engines.Shape shape, KvLayout from, KvLayout to) {
    try (Arena arena = Arena.ofConfined()) {
      ModelSpec model = shape.model();
      var source = new Engines(model, from, shape.blocks(), arena, random);
      var target = new Engines(model, to, shape.blocks() + 3, arena, random);
      int[] some = IntStream.range(0, shape.blocks()).filter(_ -> random.nextBoolean()).toArray();
      if (some.length == 0) {
        return;
      }
      int[] elsewhere = IntStream.of(some).map(block -> shape.blocks() + 2 - block).toArray();
      source.identify();
      target.blank();
      MemorySegment host = arena.allocate(some.length * model.blockBytes());
      source.pool().gather(batch(host, some, model.blockBytes()));
      scatter(target.pool(), batch(host, elsewhere, model.blockBytes()), model.layers());
      for (int i = 0; i < some.length; i++) {
        target.expect(elsewhere[i], some[i]);
      }
      assertEquals("", target.difference(), "repeat with -Dpagoda.seed=" + SEED + " " + shape);
    }
  }

  /** At once or layer by layer: it is the same. */
  private void scatter(PoolMemory pool, BlockBatch batch, int layers) {
    if (random.nextBoolean()) {
      pool.scatter(batch);
    } else {
      IntStream.range(0, layers).forEach(layer -> pool.scatterLayer(batch, layer));
    }
  }

  /** The test above would be worth nothing if it passed with two tensors or layers exchanged. */
  @Test
  void exchangedTensorsAndLayersAreSeen() {
    var model = new ModelSpec("m", List.of(LayerGroup.separate(2, 2, 4, ElementType.FP16)), 4, 1);
    try (Arena arena = Arena.ofConfined()) {
      var engines = new Engines(model, KvLayout.LAYER_FIRST, 3, arena, random);
      engines.identify();
      for (int block = 0; block < 3; block++) {
        engines.expect(block, block);
      }
      assertEquals("", engines.difference());
      engines.exchange(0, 1);
      assertNotEquals("", engines.difference(), "keys and values of a layer are exchanged");
      engines.exchange(0, 1);
      engines.exchange(0, 2);
      assertNotEquals("", engines.difference(), "two layers are exchanged");
    }
  }

  private static BlockBatch batch(MemorySegment host, int[] blocks, long blockBytes) {
    long[] offsets = new long[blocks.length];
    for (int i = 0; i < blocks.length; i++) {
      offsets[i] = i * blockBytes;
    }
    return BlockBatch.of(host, offsets, blocks, new long[2 * blocks.length], blockBytes);
  }

  @Test
  void refusesBlocksThatAreNotThereOrTwice() {
    try (Arena arena = Arena.ofConfined()) {
      var spec = new PoolSpec(KvLayout.LAYER_FIRST, 1, 1, 100, 8);
      var part = PoolPart.whole(spec, arena.allocate(spec.bytes()));
      var pool = new PoolMemory(List.of(part), 8);
      pool.check(new int[] {0, 99, 64, 65}, true);
      pool.check(new int[] {5, 5}, false);
      assertThrows(IllegalArgumentException.class, () -> pool.check(new int[] {5, 7, 5}, true));
      assertThrows(IndexOutOfBoundsException.class, () -> pool.check(new int[] {100}, true));
      assertThrows(IndexOutOfBoundsException.class, () -> pool.check(new int[] {-1}, false));
    }
  }

  @Test
  void refusesPartsThatDoNotMakeABlock() {
    try (Arena arena = Arena.ofConfined()) {
      var spec = new PoolSpec(KvLayout.LAYER_FIRST, 1, 1, 4, 8);
      MemorySegment memory = arena.allocate(64);
      var first = new PoolPart(spec, List.of(memory), 0, 0, false);
      var again = new PoolPart(spec, List.of(memory), 0, 0, false);
      var replica = new PoolPart(spec, List.of(memory), 0, 0, true);
      var later = new PoolPart(spec, List.of(memory), 16, 1, false);
      var more = new PoolSpec(KvLayout.LAYER_FIRST, 1, 1, 5, 8);
      var longer = new PoolPart(more, List.of(memory), 8, 1, false);
      assertEquals(2, new PoolMemory(List.of(first, replica), 8).parts().size());
      assertRefused("nowhere", List.of(first, later), 24);
      assertRefused("twice", List.of(first, again), 16);
      assertRefused("nowhere", List.of(later), 24);
      assertRefused("the store of 16", List.of(first), 16);
      assertRefused("equally many", List.of(first, longer), 16);
      assertRefused("at least one part", List.of(), 16);
    }
  }

  private static void assertRefused(String why, List<PoolPart> parts, long blockBytes) {
    var refusal =
        assertThrows(IllegalArgumentException.class, () -> new PoolMemory(parts, blockBytes));
    assertEquals(true, String.valueOf(refusal.getMessage()).contains(why), refusal.getMessage());
  }

  @Test
  void refusesMemoryThatCannotBeThePart() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(1 << 10);
      var layerFirst = new PoolSpec(KvLayout.LAYER_FIRST, 3, 2, 4, 8);
      var blockFirst = new PoolSpec(KvLayout.BLOCK_FIRST, 3, 2, 4, 8);
      var layerBlock = new PoolSpec(KvLayout.LAYER_BLOCK, 3, 2, 4, 8);
      assertPartRefused(layerFirst, memory, memory);
      assertPartRefused(blockFirst, memory, memory, memory);
      assertPartRefused(layerBlock, memory, memory, memory, memory, memory, memory);
      assertPartRefused(layerFirst, memory.asSlice(0, 191));
      assertPartRefused(layerFirst, MemorySegment.ofArray(new byte[1 << 10]));
    }
  }

  private static void assertPartRefused(PoolSpec spec, MemorySegment... memory) {
    assertThrows(
        IllegalArgumentException.class, () -> new PoolPart(spec, List.of(memory), 0, 0, false));
  }
}
