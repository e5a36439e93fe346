package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.Tier;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Blocks that are put one by one into a store over disks, and compared byte by byte. */
abstract class DiskRig {
  static final int BLOCK = 64 << 10;
  static final PoolSpec SHAPE = new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, 4, BLOCK / 4);

  static boolean run(String... line) throws InterruptedException {
    try {
      return new ProcessBuilder(line).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  static BlockKeys key(long number) {
    return BlockKeys.ofWords(new long[] {1, (number + 1) * 0x9E3779B97F4A7C15L});
  }

  static Tier ssd(BlockStore store) {
    return store.statistics().tiers().get(1);
  }

  static void put(BlockStore store, Pool pool, MemorySegment memory, int number) {
    fill(memory, number);
    var job = store.put(key(number), pool, new int[] {0});
    assertEquals(1, job.outcome().toCompletableFuture().join().blocks(), "the host has it");
    job.finished().toCompletableFuture().join();
  }

  static void check(BlockStore store, Pool pool, MemorySegment memory, int number) {
    for (int back = 0; back < 30 && back <= number; back += 13) {
      memory.fill((byte) 0);
      Match match = store.match(key(number - back));
      Outcome outcome =
          store.fetch(match, pool, new int[] {1}).settled().toCompletableFuture().join();
      assertTrue(back > 0 || outcome.blocks() == 1, "the host had it");
      if (outcome.blocks() == 1) {
        assertRight(memory, number - back);
      }
    }
  }

  /** Blocks are laid out one after the other. */
  static void fill(MemorySegment memory, int number) {
    for (int at = 0; at < BLOCK; at++) {
      memory.set(ValueLayout.JAVA_BYTE, at, pattern(number, at));
    }
  }

  static void assertRight(MemorySegment memory, int number) {
    for (int at = 0; at < BLOCK; at++) {
      byte found = memory.get(ValueLayout.JAVA_BYTE, BLOCK + at);
      assertEquals(pattern(number, at), found, "byte " + at);
    }
  }

  static byte pattern(int number, int at) {
    return (byte) (((number + 1) * 0x9E3779B97F4A7C15L + at * 0xD1B54A32D192ED03L) >>> 56);
  }
}
