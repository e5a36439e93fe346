package io.pagoda.node.bench;

import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures how blocks are gathered from engine memory and scattered into it, on one thread, against
 * C's {@code memcpy} of whole blocks: as many bytes, between the same memories. The engine's blocks
 * are taken in no order. Before that every byte is gathered, scattered and compared.
 */
public final class PoolCopyBench {
  private static final int TURNS = 63;
  private static final long BATCH_BYTES = 4 << 20;

  private final long sideBytes;
  private final int turns;

  /**
   * Creates a benchmark.
   *
   * @param sideBytes how large the memory at either end of the copies is
   * @param turns how often each way of copying has its turn, at least 1
   */
  PoolCopyBench(long sideBytes, int turns) {
    this.sideBytes = sideBytes;
    this.turns = turns;
  }

  /** {@return a benchmark that fits the caches of this machine} */
  public static PoolCopyBench ofThisMachine() {
    return new PoolCopyBench(ColdMemory.leastBytes(), TURNS);
  }

  /**
   * Measures gathering and scattering.
   *
   * @param shape the engine's memory; how many blocks it has is replaced
   */
  public List<BenchResult> run(PoolSpec shape) {
    int blocks = Math.toIntExact(Math.max(2, sideBytes / shape.blockBytes()));
    var spec =
        new PoolSpec(shape.layout(), shape.layers(), shape.tensors(), blocks, shape.chunkBytes());
    try (Arena arena = Arena.ofShared()) {
      var copies = new Copies(spec, arena);
      copies.verify();
      var inTurns = new Turns(copies.batches.length, copies.batchBytes(), turns);
      Map<String, Object> params = params(spec);
      return List.of(
          inTurns.measure("copy.gather", params, copies::gather, copies::gatherByC),
          inTurns.measure("copy.scatter", params, copies::scatter, copies::scatterByC));
    }
  }

  private static Map<String, Object> params(PoolSpec spec) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("layout", Layouts.word(spec.layout()));
    params.put("chunk", BenchResult.size(spec.chunkBytes()));
    params.put("chunks", spec.chunksPerBlock());
    return params;
  }

  /** Batches that cover engine memory, and their bytes by address. */
  private static final class Copies {
    private final PoolSpec spec;
    private final MemorySegment engine;
    private final MemorySegment host;
    private final PoolMemory pool;
    private final int perBatch;
    private final int[] order;
    private final BlockBatch[] batches;

    Copies(PoolSpec spec, Arena arena) {
      this.spec = spec;
      this.engine = arena.allocate(spec.bytes(), 2 << 20);
      this.host = arena.allocate(spec.bytes(), 2 << 20);
      this.pool = new PoolMemory(List.of(PoolPart.whole(spec, engine)), spec.blockBytes());
      this.perBatch = Math.clamp(BATCH_BYTES / spec.blockBytes(), 1, spec.blocks());
      this.order = shuffled(spec.blocks());
      this.batches = new BlockBatch[spec.blocks() / perBatch];
      for (int i = 0; i < batches.length; i++) {
        batches[i] = batch(i * perBatch);
      }
    }

    private static int[] shuffled(int blocks) {
      List<Integer> order = IntStream.range(0, blocks).boxed().collect(Collectors.toList());
      Collections.shuffle(order, new Random(1));
      return order.stream().mapToInt(block -> block).toArray();
    }

    private BlockBatch batch(int first) {
      int[] slots = new int[perBatch];
      long[] offsets = new long[perBatch];
      for (int i = 0; i < perBatch; i++) {
        slots[i] = order[first + i];
        offsets[i] = (first + i) * spec.blockBytes();
      }
      return BlockBatch.of(host, offsets, slots, new long[2 * perBatch], spec.blockBytes());
    }

    /** Gathers and scatters every block once, and compares all bytes each time. */
    void verify() {
      for (int i = 0; i < covered(); i++) {
        Words.fill(spec, engine, order[i], i);
      }
      IntStream.range(0, batches.length).forEach(this::gather);
      for (int i = 0; i < covered(); i++) {
        refuse(Words.wrong(host.asSlice(i * spec.blockBytes(), spec.blockBytes()), i), "gathered");
      }
      engine.fill((byte) 0);
      IntStream.range(0, batches.length).forEach(this::scatter);
      for (int i = 0; i < covered(); i++) {
        refuse(Words.wrong(spec, engine, order[i], i), "scattered");
      }
    }

    private int covered() {
      return batches.length * perBatch;
    }

    private static void refuse(long wrong, String how) {
      if (wrong > 0) {
        throw new IllegalStateException(
            "%d bytes of a block were %s wrongly".formatted(wrong, how));
      }
    }

    long batchBytes() {
      return perBatch * spec.blockBytes();
    }

    void gather(int batch) {
      pool.gather(batches[batch]);
    }

    void scatter(int batch) {
      pool.scatter(batches[batch]);
    }

    void gatherByC(int batch) {
      copyByC(batch, engine.address(), host.address());
    }

    void scatterByC(int batch) {
      copyByC(batch, host.address(), engine.address());
    }

    private void copyByC(int batch, long from, long to) {
      long bytes = spec.blockBytes();
      for (int i = batch * perBatch; i < (batch + 1) * perBatch; i++) {
        MemcpyNative.copy(from + i * bytes, to + i * bytes, bytes);
      }
    }
  }
}
