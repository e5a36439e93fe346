package io.pagoda.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The benchmark compares what it has moved, all of it. */
class LocalBenchTest {
  private static final PoolSpec SHAPE = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 8, 512);

  /** An engine's memory that writes somewhat different batches than it is told to. */
  private static class Liar implements Kind {
    private final MemoryKind real = MemoryKind.pool(SHAPE);

    @Override
    public String name() {
      return "liar";
    }

    @Override
    public Optional<MemorySegment> host() {
      return real.host();
    }

    @Override
    public Optional<MemorySegment> memory() {
      return real.memory();
    }

    @Override
    public void read(BlockBatch batch) {
      real.read(batch);
    }

    @Override
    public void write(BlockBatch batch) {
      real.write(batch);
    }

    @Override
    public void fill(int block, long name) {
      real.fill(block, name);
    }

    @Override
    public long wrongBytes(int block, long name) {
      return real.wrongBytes(block, name);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private static List<BenchResult> run(Kind to, int rounds) {
    try (to;
        MemoryKind from = MemoryKind.pool(SHAPE);
        Arena arena = Arena.ofConfined()) {
      var bench = new LocalBench(SHAPE.blocks(), SHAPE.blockBytes(), 2, rounds);
      return bench.run(List.of(from, to), arena.allocate(SHAPE.bytes()), _ -> {});
    }
  }

  @Test
  void whatArrivesIsRight() {
    List<BenchResult> results = run(new Liar(), 5);
    assertEquals(2, results.size());
    assertTrue(results.stream().allMatch(BenchResult::passed), results::toString);
  }

  @Test
  void blocksThatDoNotArriveAreSeen() {
    List<BenchResult> results = run(new Liar() {
      @Override
      public void write(BlockBatch batch) {}
    }, 5);
    assertEquals((double) SHAPE.bytes(), results.getFirst().further().get("wrong_bytes"));
    assertFalse(new BenchReport(results).passed());
    assertTrue(new LocalText(results).text().contains("WRONG: 16,384 bytes"));
  }

  @Test
  void blocksInTheWrongPlaceAreSeen() {
    List<BenchResult> results = run(new Liar() {
      @Override
      public void write(BlockBatch batch) {
        long[] offsets = {batch.offset(1), batch.offset(0)};
        int[] slots = {batch.slot(0), batch.slot(1)};
        super.write(BlockBatch.of(batch.memory(), offsets, slots, new long[4], batch.rangeBytes()));
      }
    }, 5);
    assertFalse(results.getFirst().passed(), results::toString);
  }
}
