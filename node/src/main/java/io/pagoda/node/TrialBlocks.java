package io.pagoda.node;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * Blocks to try links with.
 *
 * @param store where they are put, or read
 * @param blockBytes bytes of each
 */
record TrialBlocks(BlockStore store, long blockBytes) {
  /** How many are moved at once. */
  static final int BATCH = 64;

  /** {@return the keys of prefix number {@code number}, at most a batch} */
  private static BlockKeys keys(int number, int count) {
    long[] words = new long[2 * count];
    for (int i = 0; i < count; i++) {
      words[2 * i] = 0x7061_676f_6461_0000L + number;
      words[2 * i + 1] = (i + 1) * 0x9E37_79B9_7F4A_7C15L;
    }
    return BlockKeys.ofWords(words);
  }

  /** Puts so many. */
  void put(int count) {
    withPool((pool, memory) -> {
      for (int done = 0; done < count; done += BATCH) {
        int more = Math.min(BATCH, count - done);
        memory.fill((byte) (done / BATCH + 1));
        store.put(keys(done / BATCH, more), pool, IntStream.range(0, more).toArray())
            .settled()
            .toCompletableFuture()
            .join();
      }
    });
  }

  /** Reads blocks, each verified by the store; returns how many came. */
  int read(BlockKeys keys) {
    int[] read = new int[1];
    withPool((pool, _) -> {
      Match match = store.match(keys);
      int[] blocks = IntStream.range(0, match.blocks()).toArray();
      Outcome outcome = store.fetch(match, pool, blocks).settled().toCompletableFuture().join();
      read[0] = outcome.blocks();
    });
    return read[0];
  }

  /** Something that is done with a caller's memory. */
  @FunctionalInterface
  private interface Work {
    void with(Pool pool, MemorySegment memory);
  }

  private void withPool(Work work) {
    PoolSpec shape = new PoolSpec(KvLayout.BLOCK_FIRST, 1, 1, BATCH, blockBytes);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(shape.bytes(), 4096);
      try (Pool pool = store.register(shape, memory)) {
        work.with(pool, memory);
      }
    }
  }
}
