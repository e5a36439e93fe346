package io.pagoda.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvLayout;
import io.pagoda.PoolSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoolCopyBenchTest {
  @ParameterizedTest
  @EnumSource(KvLayout.class)
  void measuresGatherAndScatterBesideMemcpy(KvLayout layout) {
    var results = new PoolCopyBench(2 << 20, 3).run(new PoolSpec(layout, 4, 2, 1, 8 << 10));
    assertEquals(
        List.of("copy.gather", "copy.scatter"), results.stream().map(BenchResult::name).toList());
    for (BenchResult result : results) {
      assertEquals("8KiB", result.params().get("chunk"));
      double ratio = result.ratio().orElseThrow();
      assertTrue(ratio > 0.01 && ratio < 100, result::toString);
      assertTrue(result.further().getOrDefault("memcpy_gb_per_s", 0.0) > 0, result::toString);
    }
  }

  /** What the benchmarks compare with has to see a flipped bit and two chunks exchanged. */
  @Test
  void wrongWordsAreSeen() {
    var spec = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 3, 64);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment engine = arena.allocate(spec.bytes());
      Words.fill(spec, engine, 1, 5);
      assertEquals(0, Words.wrong(spec, engine, 1, 5));
      assertEquals(spec.blockBytes(), Words.wrong(spec, engine, 1, 6), "another block");
      assertEquals(spec.blockBytes(), Words.wrong(spec, engine, 2, 5), "nothing");
      long at = spec.offset(1, 1, 0) + 9;
      engine.set(ValueLayout.JAVA_BYTE, at, (byte) ~engine.get(ValueLayout.JAVA_BYTE, at));
      assertEquals(8, Words.wrong(spec, engine, 1, 5), "a word");
      MemorySegment.copy(engine, spec.offset(1, 0, 0), engine, spec.offset(1, 0, 1), 64);
      assertEquals(72, Words.wrong(spec, engine, 1, 5), "values are keys");
    }
  }
}
