package io.pagoda.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The benchmark measures copies, and only of tiers that copy. */
class CopyBenchTest {
  private static final ByteSize BLOCK = ByteSize.ofKibibytes(64);

  private final CopyBench bench = new CopyBench(4 << 20, 3);

  /** Slots in memory, whose loads may be skipped. */
  private record Slots(
      TierSpec spec, MemorySegment memory, boolean loads) implements StorageTier, Addressable {
    static Slots of(int slots, boolean loads) {
      var spec = new TierSpec(Medium.HOST, slots, BLOCK.bytes(), 1, 1);
      return new Slots(spec, Arena.ofAuto().allocate(slots * BLOCK.bytes()), loads);
    }

    @Override
    public long offset(int slot) {
      return slot * BLOCK.bytes();
    }

    private MemorySegment slot(int slot) {
      return memory.asSlice(offset(slot), BLOCK.bytes());
    }

    @Override
    public void load(BlockBatch batch, Completion completion) {
      for (int i = 0; loads && i < batch.size(); i++) {
        batch.memory(i).copyFrom(slot(batch.slot(i)));
      }
      completion.complete(BatchResult.COMPLETE);
    }

    @Override
    public void store(BlockBatch batch, Completion completion) {
      for (int i = 0; i < batch.size(); i++) {
        slot(batch.slot(i)).copyFrom(batch.memory(i));
      }
      completion.complete(BatchResult.COMPLETE);
    }

    @Override
    public void close() {}
  }

  @Test
  void measuresStoresAndLoadsBesideMemcpy() {
    List<BenchResult> results = bench.run(Slots.of(bench.slots(BLOCK), true));
    assertEquals(List.of("copy.store", "copy.load"), results.stream().map(r -> r.name()).toList());
    for (BenchResult result : results) {
      assertEquals("64KiB", result.params().get("size"));
      assertTrue(result.gigabytesPerSecond().orElseThrow() > 0, result::toString);
      double ratio = result.ratio().orElseThrow();
      assertTrue(ratio > 0.01 && ratio < 100, result::toString);
      assertTrue(result.further().getOrDefault("memcpy_gb_per_s", 0.0) > 0, result::toString);
    }
  }

  @Test
  void measuresNothingThatDoesNotCopy() {
    var idle = Slots.of(bench.slots(BLOCK), false);
    assertThrows(IllegalStateException.class, () -> bench.run(idle));
  }

  @Test
  void measuresNothingButMemory() {
    class Elsewhere implements StorageTier {
      @Override
      public TierSpec spec() {
        return new TierSpec(Medium.DISK, 8, BLOCK.bytes(), 1, 1);
      }

      @Override
      public void load(BlockBatch batch, Completion completion) {}

      @Override
      public void store(BlockBatch batch, Completion completion) {}

      @Override
      public void close() {}
    }
    assertThrows(IllegalArgumentException.class, () -> bench.run(new Elsewhere()));
  }
}
