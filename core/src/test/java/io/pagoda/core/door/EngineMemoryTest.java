package io.pagoda.core.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ElementType;
import io.pagoda.EngineMemory;
import io.pagoda.KvLayout;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Engine memory as engines have it, told without an offset. */
class EngineMemoryTest {
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    arena.close();
  }

  private static ModelSpec model(int ranks, LayerGroup... groups) {
    return new ModelSpec("m", List.of(groups), 16, ranks);
  }

  private MemorySegment[] segments(int count, long bytes) {
    return IntStream.range(0, count)
        .mapToObj(_ -> arena.allocate(bytes))
        .toArray(MemorySegment[]::new);
  }

  /** Strides in elements of one byte: L=2 kv=2 B=4 T=16 H=8 D=128. */
  @Test
  void case23TheStrideTable() {
    ModelSpec model = model(1, LayerGroup.separate(2, 8, 128, ElementType.INT8));
    Map<KvLayout, List<Long>> strides = Map.of(
        KvLayout.LAYER_FIRST, List.of(16_384L, 131_072L, 65_536L), KvLayout.BLOCK_FIRST,
        List.of(65_536L, 32_768L, 16_384L), KvLayout.LAYER_BLOCK,
        List.of(32_768L, 131_072L, 16_384L));
    strides.forEach((layout, row) -> {
      PoolSpec spec =
          EngineMemory.of(model, layout, 4).rank(0, segments(1, 262_144)).parts().getFirst().spec();
      assertEquals(
          row, List.of(spec.blockStride(), spec.layerStride(), spec.tensorStride()), "" + layout);
      assertEquals(262_144, spec.bytes());
    });
  }

  @Test
  void case23EachRankHasItsPartOfABlock() {
    ModelSpec model = model(2, LayerGroup.separate(2, 8, 128, ElementType.INT8));
    List<PoolPart> parts = EngineMemory.of(model, KvLayout.LAYER_FIRST, 4)
        .rank(1, segments(1, 131_072))
        .rank(0, segments(2, 65_536))
        .parts();
    assertEquals(32_768, parts.getFirst().blockOffset());
    assertEquals(0, parts.getLast().blockOffset());
  }

  /** FlexKV has each of four ranks write a quarter, and refuses what four do not divide. */
  @Test
  void case24BetterLatentLayersAreReadOnceAndNeedNotBeDivisible() {
    ModelSpec model =
        new ModelSpec("mla", List.of(LayerGroup.shared(3, 7, ElementType.INT8)), 1, 4);
    var memory = EngineMemory.of(model, KvLayout.LAYER_FIRST, 2);
    List<MemorySegment> first = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      MemorySegment[] layers = segments(3, 14);
      first.add(layers[2]);
      memory.rank(rank, layers);
    }
    var pool = new PoolMemory(memory.parts(), 21);
    MemorySegment block = arena.allocate(21);
    for (int i = 0; i < 21; i++) {
      block.set(ValueLayout.JAVA_BYTE, i, (byte) (i + 1));
    }
    pool.scatter(batch(block, 1));
    for (MemorySegment lastLayer : first) {
      assertEquals(-1, lastLayer.asSlice(7, 7).mismatch(block.asSlice(14, 7)), "every rank");
      assertEquals(0, lastLayer.get(ValueLayout.JAVA_BYTE, 0));
    }
    first.get(3).fill((byte) 99);
    MemorySegment back = arena.allocate(21);
    pool.gather(batch(back, 1));
    assertEquals(-1, back.mismatch(block), "rank 0 is the one that is read");
  }

  private static BlockBatch batch(MemorySegment host, int poolBlock) {
    return BlockBatch.of(host, new long[] {0}, new int[] {poolBlock}, new long[2], host.byteSize());
  }

  @Test
  void case26EntriesDivideBlocks() {
    var compressed = new LayerGroup(2, 1, 8, false, ElementType.INT8, 3);
    assertThrows(IllegalArgumentException.class, () -> model(1, compressed));
  }

  /** FlexKV keeps several groups block-first only; here a layout is a layout. */
  @Test
  void case26BetterGroupsMayBeInAnyLayout() {
    ModelSpec model = groups(2);
    var random = new SplittableRandom(8);
    byte[] block = new byte[(int) model.blockBytes()];
    random.nextBytes(block);
    List<EngineMemory> all = new ArrayList<>();
    all.add(EngineMemory.of(model, KvLayout.BLOCK_FIRST, 3));
    all.add(EngineMemory.of(model, KvLayout.LAYER_FIRST, 3));
    all.add(EngineMemory.of(model, KvLayout.LAYER_FIRST, 3));
    all.add(EngineMemory.of(model, KvLayout.LAYER_BLOCK, 3));
    for (int rank = 0; rank < 2; rank++) {
      all.get(0).rank(rank, segments(1, 3 * model.rankBytes(rank)));
      all.get(1).rank(rank, segments(3, 3 * model.rankBytes(rank)));
      all.get(2).rank(rank, segments(6, 3 * model.rankBytes(rank)));
      all.get(3).rank(rank, 1, List.of(segments(1, 3 * model.rankBytes(rank))));
      all.get(3).rank(rank, 0, List.of(segments(2, 3 * model.rankBytes(rank))));
    }
    for (EngineMemory memory : all) {
      var pool = new PoolMemory(memory.parts(), model.blockBytes());
      List<MemorySegment> blocks = List.of(segments(3, model.blockBytes()));
      for (int i = 0; i < 3; i++) {
        blocks.get(i)
            .copyFrom(MemorySegment.ofArray(block))
            .set(ValueLayout.JAVA_BYTE, 0, (byte) i);
        pool.scatter(batch(blocks.get(i), i));
      }
      for (int i = 0; i < 3; i++) {
        MemorySegment back = arena.allocate(model.blockBytes());
        pool.gather(batch(back, i));
        assertEquals(-1, back.mismatch(blocks.get(i)), "block " + i);
      }
    }
  }

  private static ModelSpec groups(int ranks) {
    return model(
        ranks, LayerGroup.separate(2, 2, 8, ElementType.BF16),
        new LayerGroup(1, 4, 4, false, ElementType.INT8, 4));
  }

  @Test
  void aRankThatIsForgottenOrToldTwiceIsNamed() {
    ModelSpec model = groups(2);
    var memory =
        EngineMemory.of(model, KvLayout.BLOCK_FIRST, 1).rank(0, segments(1, model.rankBytes(0)));
    var forgotten = assertThrows(IllegalStateException.class, memory::parts);
    assertTrue(forgotten.toString().contains("Rank 1 of 2"), forgotten.toString());
    assertThrows(IllegalArgumentException.class, () -> memory.rank(0, segments(1, 10_000)));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.rank(2, segments(1, 10_000)));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.rank(-1, segments(1, 10_000)));
    var tooMany =
        assertThrows(IllegalArgumentException.class, () -> memory.rank(1, segments(4, 10_000)));
    assertTrue(tooMany.toString().contains("nor for each layer (3)"), tooMany.toString());
    assertThrows(IllegalArgumentException.class, () -> memory.rank(1, segments(1, 10)));
    var flat = EngineMemory.of(model, KvLayout.LAYER_FIRST, 1);
    assertThrows(IllegalArgumentException.class, () -> flat.rank(0, segments(1, 10_000)));
  }

  @Test
  void case33WhatCannotBeABlockIsRefused() {
    var group = List.of(LayerGroup.separate(1, 1, 1, ElementType.FP32));
    for (int tokens : new int[] {0, -1, 3, 5, 6, 7, 9, 10, 15, 17, 100}) {
      assertThrows(
          IllegalArgumentException.class, () -> new ModelSpec("m", group, tokens, 1), "" + tokens);
    }
    for (int tokens : new int[] {1, 128}) {
      assertEquals(8L * tokens, new ModelSpec("m", group, tokens, 1).blockBytes());
    }
    ModelSpec model = new ModelSpec("m", group, 16, 1);
    for (int blocks : new int[] {0, -1, -100}) {
      var memory = EngineMemory.of(model, KvLayout.LAYER_FIRST, blocks);
      assertThrows(
          IllegalArgumentException.class, () -> memory.rank(0, segments(1, 128)), "" + blocks);
    }
  }
}
