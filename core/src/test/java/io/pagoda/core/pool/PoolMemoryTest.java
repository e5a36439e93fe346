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
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** At once, part by part, or some layers after the other: it is the same. */
  private void scatter(PoolMemory pool, BlockBatch batch, int layers) {
    switch (random.nextInt(3)) {
      case 0 -> pool.scatter(batch);
      case 1 ->
        IntStream.range(0, pool.parts().size()).forEach(part -> pool.scatterPart(batch, part));
      default -> {
        for (int from = 0, to = 0; from < layers; from = to) {
          to = random.nextInt(from, layers) + 1;
          pool.scatter(batch, from, to);
        }
      }
    }
  }

  /**
   * Gathers some layers, or one part, into host memory that holds something else, and scatters as
   * much of other blocks into an engine that does. Host memory and engine are compared whole.
   */
  @ParameterizedTest
  @CsvSource({"false, 1", "false, 2", "false, 4", "true, 1", "true, 2", "true, 4"})
  void whatIsNotAskedForStays(boolean shared, int ranks) {
    for (KvLayout layout : KvLayout.values()) {
      for (ElementType type : ElementType.values()) {
        Engines.Shape shape = Engines.Shape.random(random, shared, ranks, type);
        int from = random.nextInt(shape.model().layers());
        int to = random.nextInt(from, shape.model().layers() + 1);
        moveSome(shape, layout, new Layers(from, to));
        moveSome(shape, layout, new Part(random.nextInt(ranks * shape.model().groups().size())));
      }
    }
  }

  /** A selection of what a pool holds: how it is moved, and what that must do. */
  private sealed interface Some {
    void gather(PoolMemory pool, BlockBatch batch);

    void scatter(PoolMemory pool, BlockBatch batch);

    void assemble(Engines engines, MemorySegment block, int name);

    void expect(Engines engines, int block, int name);
  }

  private record Layers(int from, int to) implements Some {
    @Override
    public void gather(PoolMemory pool, BlockBatch batch) {
      pool.gather(batch, from, to);
    }

    @Override
    public void scatter(PoolMemory pool, BlockBatch batch) {
      pool.scatter(batch, from, to);
    }

    @Override
    public void assemble(Engines engines, MemorySegment block, int name) {
      engines.assemble(block, name, from, to);
    }

    @Override
    public void expect(Engines engines, int block, int name) {
      engines.expect(block, name, from, to);
    }
  }

  private record Part(int number) implements Some {
    @Override
    public void gather(PoolMemory pool, BlockBatch batch) {
      pool.gatherPart(batch, number);
    }

    @Override
    public void scatter(PoolMemory pool, BlockBatch batch) {
      pool.scatterPart(batch, number);
    }

    @Override
    public void assemble(Engines engines, MemorySegment block, int name) {
      engines.assemblePart(number, block, name);
    }

    @Override
    public void expect(Engines engines, int block, int name) {
      engines.expectPart(number, block, name);
    }
  }

  private void moveSome(Engines.Shape shape, KvLayout layout, Some some) {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = shape.model().blockBytes();
      var source = new Engines(shape.model(), layout, shape.blocks(), arena, random);
      var target = new Engines(shape.model(), layout, shape.blocks() + 3, arena, random);
      int[] every = IntStream.range(0, shape.blocks()).toArray();
      int[] reversed = IntStream.of(every).map(block -> shape.blocks() + 2 - block).toArray();
      MemorySegment host = arena.allocate(bytes * (every.length + 1)).fill((byte) 0x55);
      MemorySegment expected = arena.allocate(bytes * (every.length + 1)).fill((byte) 0x55);
      source.identify();
      target.blank();
      some.gather(source.pool(), batch(host, every, bytes));
      for (int block : every) {
        some.assemble(source, expected.asSlice(block * bytes, bytes), block);
      }
      String repeat = "repeat with -Dpagoda.seed=" + SEED + " " + shape + " " + layout + " " + some;
      assertEquals(-1, host.mismatch(expected), "gathered wrongly; " + repeat);
      IntStream.of(every)
          .forEach(
              block -> source
                  .assemble(host.asSlice(block * bytes, bytes), block, 0, shape.model().layers()));
      some.scatter(target.pool(), batch(host, reversed, bytes));
      for (int block : every) {
        some.expect(target, reversed[block], block);
      }
      assertEquals("", target.difference(), "scattered wrongly; " + repeat);
    }
  }

  /** Around every size at which another way of copying begins, with guards on both sides. */
  @ParameterizedTest
  @ValueSource(longs = {1, 4095, 4096, 4097, 2_621_439, 2_621_440, 2_621_441})
  void chunksOfEverySizeArrive(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(bytes + 64);
      for (long i = 0; i < from.byteSize(); i++) {
        from.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + (i >> 8) * 17));
      }
      for (MemorySegment to : List
          .of(arena.allocate(bytes + 64), MemorySegment.ofArray(new byte[(int) bytes + 64]))) {
        ChunkCopy.copy(from, 7, to, 32, bytes);
        assertEquals(
            -1, MemorySegment.mismatch(from, 7, 7 + bytes, to, 32, 32 + bytes), "wrong bytes");
        MemorySegment rest = to.asSlice(32, bytes).fill((byte) 0);
        assertEquals(-1, to.mismatch(arena.allocate(bytes + 64)), "beyond " + rest);
      }
    }
  }

  @Test
  void refusesBatchesThatReachOutsideOrOutliveTheirMemory() {
    var spec = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 4, 4096);
    try (Arena arena = Arena.ofConfined()) {
      PoolMemory pool;
      MemorySegment host = arena.allocate(2 * spec.blockBytes());
      try (Arena engine = Arena.ofConfined()) {
        var part = PoolPart.whole(spec, engine.allocate(spec.bytes()));
        pool = new PoolMemory(List.of(part), spec.blockBytes());
        BlockBatch outside = batch(host, new int[] {0, 4}, spec.blockBytes());
        assertThrows(IndexOutOfBoundsException.class, () -> pool.scatter(outside));
        assertThrows(IndexOutOfBoundsException.class, () -> pool.gather(outside));
        BlockBatch inside = batch(host, new int[] {0, 3}, spec.blockBytes());
        assertThrows(IndexOutOfBoundsException.class, () -> pool.gather(inside, 0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> pool.scatter(inside, -1, 1));
        BlockBatch half = inside.range(0, 4096);
        assertThrows(IllegalArgumentException.class, () -> pool.gather(half));
      }
      BlockBatch late = batch(host, new int[] {0, 3}, spec.blockBytes());
      assertThrows(IllegalStateException.class, () -> pool.scatter(late));
      assertThrows(IllegalStateException.class, () -> pool.gather(late, 0, 1));
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
      pool.check(List.of(new int[] {0, 99, 64, 65}), true);
      pool.check(List.of(new int[] {5, 5}), false);
      assertThrows(
          IllegalArgumentException.class, () -> pool.check(List.of(new int[] {5, 7, 5}), true));
      assertThrows(
          IndexOutOfBoundsException.class, () -> pool.check(List.of(new int[] {100}), true));
      assertThrows(
          IndexOutOfBoundsException.class, () -> pool.check(List.of(new int[] {-1}), false));
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
