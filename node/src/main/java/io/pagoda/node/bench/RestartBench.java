package io.pagoda.node.bench;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.TierCount;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Measures how soon a store that is opened over a full disk brings the first block of it.
 *
 * @param shape the engine's memory; its number of blocks is that of a prefix
 * @param slots how many blocks the disk holds, a multiple of that
 */
public record RestartBench(PoolSpec shape, int slots) {
  /** Fills a store whose second tier is written through, and has room for so many blocks. */
  public void fill(BlockStore store) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(shape.bytes(), 2 << 20);
      try (Pool pool = store.register(shape, memory)) {
        for (int prefix = 0; prefix < slots / shape.blocks(); prefix++) {
          for (int block = 0; block < shape.blocks(); block++) {
            Words.fill(shape, memory, block, name(prefix, block));
          }
          Outcome written = store.put(keys(prefix), pool, blocks(shape.blocks()))
              .finished()
              .toCompletableFuture()
              .join();
          require(written.blocks() == shape.blocks(), "written: " + written);
        }
      }
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalStateException("Not every block is " + message);
    }
  }

  private long name(int prefix, int block) {
    return (long) prefix * shape.blocks() + block;
  }

  private BlockKeys keys(int prefix) {
    long[] words = new long[2 * shape.blocks()];
    for (int block = 0; block < shape.blocks(); block++) {
      words[2 * block] = prefix + 1L;
      words[2 * block + 1] = (name(prefix, block) + 1) * 0x9E3779B97F4A7C15L;
    }
    return BlockKeys.ofWords(words);
  }

  private static int[] blocks(int count) {
    return IntStream.range(0, count).toArray();
  }

  /**
   * Brings the first block of a prefix, and then every block, to see that it is right.
   *
   * @param store just opened
   * @param startedAt when it began to be opened, by {@link System#nanoTime}
   * @param fresh whether the process has done nothing before
   */
  public BenchResult hit(BlockStore store, long startedAt, boolean fresh) {
    long opened = System.nanoTime() - startedAt;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(shape.bytes(), 2 << 20);
      try (Pool pool = store.register(shape, memory)) {
        int last = slots / shape.blocks() - 1;
        long wrong = wrong(store, pool, memory, last, 1);
        long hit = System.nanoTime() - startedAt;
        long sinceStart =
            System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
        long revived = store.statistics().tiers().get(1).count(TierCount.REVIVED);
        for (int prefix = 0; prefix <= last; prefix++) {
          wrong += wrong(store, pool, memory, prefix, shape.blocks());
        }
        return result(opened, hit, fresh ? sinceStart : 0, revived, wrong);
      }
    }
  }

  /** {@return how many bytes of the first blocks of a prefix do not come, or come wrong} */
  private long wrong(BlockStore store, Pool pool, MemorySegment memory, int prefix, int count) {
    int came = store.fetch(store.match(keys(prefix).prefix(count)), pool, blocks(count))
        .settled()
        .toCompletableFuture()
        .join()
        .blocks();
    long wrong = shape.blockBytes() * (count - came);
    for (int block = 0; block < came; block++) {
      wrong += Words.wrong(shape, memory, block, name(prefix, block));
    }
    return wrong;
  }

  private BenchResult result(long opened, long hit, long sinceStart, long revived, long wrong) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("slots", slots);
    params.put("block", BenchResult.size(shape.blockBytes()));
    Map<String, Double> further = new LinkedHashMap<>();
    further.put("open_ns", (double) opened);
    if (sinceStart > 0) {
      further.put("since_jvm_start_ns", (double) TimeUnit.MILLISECONDS.toNanos(sinceStart));
    }
    further.put("revived_blocks", (double) revived);
    further.put(BenchResult.WRONG_BYTES, (double) wrong);
    return new BenchResult(
        "restart.first-hit", params, OptionalDouble.of((double) hit), OptionalDouble.empty(),
        OptionalDouble.empty(), further);
  }
}
