package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.Tier;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose disk is full, and then no longer. */
class FullDiskTest {
  private static final int BLOCK = 64 << 10;
  private static final PoolSpec SHAPE = new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, 4, BLOCK / 4);

  @TempDir Path directory;

  private Path disk = Path.of("");
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    mounted = run("mount", "-t", "tmpfs", "-o", "size=8m", "none", disk.toString());
    assumeTrue(mounted, "needs the right to mount a file system in memory");
  }

  @AfterEach
  void unmount() throws Exception {
    assertTrue(!mounted || run("umount", disk.toString()), "a file is still open");
  }

  private static boolean run(String... line) throws InterruptedException {
    try {
      return new ProcessBuilder(line).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private OpenStore open() {
    Overrides overrides = Overrides.NONE.tier("cpu=16")
        .tier("ssd=100")
        .blockBytes(BLOCK + "B")
        .set("pagoda.tier.ssd.directory", disk.resolve("blocks").toString())
        .set("pagoda.tier.ssd.direct", "false")
        .set("pagoda.graph.write", "through")
        .set("pagoda.graph.promote", "copy");
    return new ConfiguredStores().open(Optional.empty(), overrides, StageTimes.NONE);
  }

  private static BlockKeys key(long number) {
    return BlockKeys.ofWords(new long[] {1, (number + 1) * 0x9E3779B97F4A7C15L});
  }

  private static Tier ssd(BlockStore store) {
    return store.statistics().tiers().get(1);
  }

  @Test
  void putsKeepTheirHostCopiesAndTheDiskTakesBlocksAgainWhenItCan() throws IOException {
    Path ballast = Files.write(disk.resolve("ballast"), new byte[5 << 20]);
    try (OpenStore open = open();
        Arena arena = Arena.ofShared()) {
      BlockStore store = open.store();
      MemorySegment memory = arena.allocate(SHAPE.bytes(), 4096);
      try (Pool pool = store.register(SHAPE, memory)) {
        for (int number = 0; number < 100; number++) {
          put(store, pool, memory, number);
          check(store, pool, memory, number);
        }
        long full = ssd(store).count(TierCount.READY);
        assertTrue(ssd(store).lost() > 0, () -> ssd(store).toString());
        assertTrue(full > 16 && full < 60, () -> ssd(store).toString());
        assertEquals(TierState.HEALTHY, ssd(store).state(), "a full disk is no broken one");
        Files.delete(ballast);
        for (int number = 100; ssd(store).count(TierCount.READY) < 90; number++) {
          assertTrue(number < 10_000, () -> "it stays full: " + ssd(store));
          put(store, pool, memory, number);
          check(store, pool, memory, number);
        }
        assertEquals(0, ssd(store).corrupt());
      }
    }
  }

  private static void put(BlockStore store, Pool pool, MemorySegment memory, int number) {
    fill(memory, number);
    var job = store.put(key(number), pool, new int[] {0});
    assertEquals(1, job.outcome().toCompletableFuture().join().blocks(), "the host has it");
    job.finished().toCompletableFuture().join();
  }

  private static void check(BlockStore store, Pool pool, MemorySegment memory, int number) {
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
  private static void fill(MemorySegment memory, int number) {
    for (int at = 0; at < BLOCK; at++) {
      memory.set(ValueLayout.JAVA_BYTE, at, pattern(number, at));
    }
  }

  private static void assertRight(MemorySegment memory, int number) {
    for (int at = 0; at < BLOCK; at++) {
      byte found = memory.get(ValueLayout.JAVA_BYTE, BLOCK + at);
      assertEquals(pattern(number, at), found, "byte " + at);
    }
  }

  private static byte pattern(int number, int at) {
    return (byte) (((number + 1) * 0x9E3779B97F4A7C15L + at * 0xD1B54A32D192ED03L) >>> 56);
  }
}
