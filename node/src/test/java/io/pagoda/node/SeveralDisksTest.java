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
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A tier on two disks, of which one is full or goes: the other is used to its last slot. */
@Timeout(120)
class SeveralDisksTest extends DiskRig {
  private static final int SLOTS = 100;

  @TempDir Path directory;

  private final Deque<Path> mounted = new ArrayDeque<>();

  @AfterEach
  void unmount() throws Exception {
    while (!mounted.isEmpty()) {
      assertTrue(run("umount", mounted.remove().toString()), "a file is still open");
    }
  }

  private Path mount(String name, String... how) throws Exception {
    Path disk = directory.resolve(name);
    Files.createDirectories(disk);
    String[] line = new String[how.length + 2];
    line[0] = "mount";
    System.arraycopy(how, 0, line, 1, how.length);
    line[line.length - 1] = disk.toString();
    assumeTrue(run(line), "needs the right to mount a file system");
    mounted.add(disk);
    return disk;
  }

  private OpenStore open(Path one, Path other) throws IOException {
    Path file = Files.writeString(directory.resolve("store.conf"), """
        pagoda.tiers = [
          { name = host, type = cpu, blocks = 16 }
          { name = disks, type = ssd, blocks = %d, direct = false
            devices = [ { directory = "%s" }, { directory = "%s" } ] }
        ]
        pagoda.graph { write = through, promote = copy }
        """.formatted(SLOTS, one.resolve("blocks"), other.resolve("blocks")));
    Overrides overrides = Overrides.NONE.blockBytes(BLOCK + "B");
    return new ConfiguredStores().open(Optional.of(file), overrides, StageTimes.NONE);
  }

  /** Puts blocks with numbers from {@code first}; returns the number after the last. */
  private static int put(BlockStore store, int first, int count) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(SHAPE.bytes(), 4096);
      try (Pool pool = store.register(SHAPE, memory)) {
        for (int number = first; number < first + count; number++) {
          put(store, pool, memory, number);
          check(store, pool, memory, number);
        }
      }
    }
    return first + count;
  }

  private static long ready(BlockStore store) {
    return ssd(store).count(TierCount.READY);
  }

  private static int putUntil(BlockStore store, int first, int ready) {
    int next = first;
    while (ready(store) < ready) {
      assertTrue(next < first + 20_000, () -> "it takes no more: " + ssd(store));
      next = put(store, next, 10);
    }
    return next;
  }

  @Test
  void oneThatIsFullLeavesTheOtherToBeFilled() throws Exception {
    Path full = mount("full", "-t", "tmpfs", "-o", "size=4m", "none");
    Path ballast = Files.write(full.resolve("ballast"), new byte[(4 << 20) - (320 << 10)]);
    Path roomy = Files.createDirectory(directory.resolve("roomy"));
    try (OpenStore open = open(full, roomy)) {
      BlockStore store = open.store();
      int next = put(store, 0, 200);
      assertTrue(ssd(store).lost() > 0, () -> ssd(store).toString());
      long held = ready(store);
      assertTrue(held >= SLOTS / 2 && held < SLOTS / 2 + 8, () -> ssd(store).toString());
      assertEquals(TierState.HEALTHY, ssd(store).state());
      next = put(store, next, 200);
      assertTrue(ready(store) >= SLOTS / 2, () -> ssd(store).toString());
      Files.delete(ballast);
      putUntil(store, next, SLOTS - 10);
      assertEquals(0, ssd(store).corrupt());
    }
  }

  @Test
  void oneThatGoesLeavesTheOtherToBeFilled() throws Exception {
    Path image = directory.resolve("image");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(32 << 20);
    }
    assumeTrue(run("mkfs.ext4", "-q", image.toString()), "needs mkfs.ext4");
    Path going = mount("going", "-o", "loop", image.toString());
    Path staying = Files.createDirectory(directory.resolve("staying"));
    int next;
    try (OpenStore open = open(going, staying)) {
      BlockStore store = open.store();
      next = put(store, 0, 20);
      assertEquals(20, ready(store));
      assertTrue(run("mount", "-o", "remount,abort", going.toString()));
      next = put(store, next, 300);
      assertTrue(ssd(store).condition().contains("out of service"), () -> ssd(store).toString());
      assertEquals(TierState.HEALTHY, ssd(store).state());
      assertTrue(ready(store) >= SLOTS / 2, () -> ssd(store).toString());
    }
    assertTrue(run("umount", going.toString()));
    mounted.remove(going);
    mount("going", "-o", "loop", image.toString());
    try (OpenStore open = open(going, staying)) {
      assertTrue(ready(open.store()) >= SLOTS / 2, () -> ssd(open.store()).toString());
      putUntil(open.store(), next, SLOTS);
      assertEquals(0, ssd(open.store()).corrupt());
    }
  }
}
