package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.BlockStore;
import io.pagoda.Pool;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose disk is full, and then no longer. */
class FullDiskTest extends DiskRig {
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
}
