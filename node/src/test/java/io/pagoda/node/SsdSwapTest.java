package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockStore;
import io.pagoda.Pool;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tier on real files is taken out and put in again while its store serves. */
@Timeout(120)
class SsdSwapTest extends DiskRig {
  private static final int KEPT = 60;
  private static final int SWAPS = 5;

  @TempDir Path directory;

  private Deployment open(Plugins plugins) throws IOException {
    Path file = Files.writeString(directory.resolve("store.conf"), """
        pagoda.tiers = [
          { name = host, type = cpu, blocks = 16 }
          { name = disk, type = ssd, blocks = 4000, direct = false, directory = "%s" }
        ]
        pagoda.graph { write = through, promote = copy }
        """.formatted(directory.resolve("blocks")));
    var config = PagodaConfig.load(Optional.of(file), Overrides.NONE.blockBytes(BLOCK + "B"));
    return Deployment.open(config, plugins, StageTimes.NONE);
  }

  private static void swap(Deployment deployment) {
    deployment.detach("disk").toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    assertEquals(TierState.RETIRED, ssd(deployment.store()).state());
    deployment.attach("disk");
  }

  @Test
  void whatItHasStoredComesBackWithItAndItServesOn() throws Exception {
    var done = new AtomicBoolean();
    try (Plugins plugins = Plugins.onModulePath();
        Deployment deployment = open(plugins)) {
      BlockStore store = deployment.store();
      int next = put(store, 0, KEPT);
      assertEquals(KEPT, ssd(store).count(TierCount.READY));
      var caller = CompletableFuture.supplyAsync(() -> {
        int more = next;
        while (!done.get()) {
          more = put(store, more, 1);
        }
        return more;
      });
      for (int i = 0; i < SWAPS; i++) {
        swap(deployment);
      }
      done.set(true);
      int end = put(store, caller.orTimeout(60, TimeUnit.SECONDS).join(), 20);
      assertRight(store, 0, KEPT);
      assertRight(store, end - 20, end);
      assertEquals(0, ssd(store).corrupt());
      assertEquals(TierState.HEALTHY, ssd(store).state());
    }
  }

  /** Each of these blocks is found, though the host has room for few of them, and is right. */
  private static void assertRight(BlockStore store, int from, int to) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(SHAPE.bytes(), 4096);
      try (Pool pool = store.register(SHAPE, memory)) {
        for (int number = from; number < to; number++) {
          memory.fill((byte) 0);
          var job = store.fetch(store.match(key(number)), pool, new int[] {1});
          int blocks = job.settled().toCompletableFuture().join().blocks();
          assertEquals(1, blocks, "block " + number);
          assertRight(memory, number);
        }
      }
    }
  }

  /** Puts blocks with numbers from {@code first}; returns the number after the last. */
  private static int put(BlockStore store, int first, int count) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(SHAPE.bytes(), 4096);
      try (Pool pool = store.register(SHAPE, memory)) {
        for (int number = first; number < first + count; number++) {
          put(store, pool, memory, number);
        }
      }
    }
    return first + count;
  }
}
