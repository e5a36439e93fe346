package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The space of blocks that are forgotten. */
@Timeout(600)
class PunchTest {
  private static final int SLOTS = 40;
  private static final int[] ALL = IntStream.range(0, SLOTS).toArray();

  @TempDir private Path directory;

  private SsdSettings settings() {
    return Vault.settings(Durability.CRASH, SLOTS, directory.resolve("a"), directory.resolve("b"))
        .punching();
  }

  /** {@return the space that slot files take, in blocks of a tier; see stat(2)} */
  private long taken() {
    long units = 0;
    for (Path place : settings().directories()) {
      try {
        Process stat = new ProcessBuilder(
            "sh", "-c", "stat -c %b " + place.resolve("slots-*").toString().replace("\\", "/"))
            .start();
        units += stat.inputReader().lines().mapToLong(Long::parseLong).sum();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return 512 * units / Vault.BLOCK;
  }

  private void awaitTaken(long blocks) {
    long start = System.nanoTime();
    while (taken() != blocks) {
      assertTrue(System.nanoTime() - start < 120_000_000_000L, taken() + " blocks are taken");
    }
  }

  private static void fill(Vault vault) {
    long[] names = IntStream.of(ALL).mapToLong(slot -> 1000 + slot).toArray();
    assertEquals(BatchResult.COMPLETE, vault.store(ALL, names));
  }

  private static void sync(Path directory) {
    try {
      assertEquals(0, new ProcessBuilder("sync", "-f", directory.toString()).start().waitFor());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void givesTheSpaceOfForgottenBlocksBack() {
    try (var vault = Vault.open(settings())) {
      fill(vault);
      sync(directory);
      awaitTaken(SLOTS);
      for (int slot = 0; slot < SLOTS; slot += 3) {
        vault.keeper().forget(slot);
      }
      awaitTaken(SLOTS - 14);
      assertEquals(BatchResult.COMPLETE, vault.store(3, 7));
      vault.keeper().forget(6);
      awaitTaken(SLOTS - 13);
    }
    try (var vault = Vault.open(settings())) {
      assertEquals(SLOTS - 13, vault.found().size());
      vault.found().values().forEach(block -> assertTrue(vault.verifies(block), block::toString));
      vault.keeper().forgetAll().toCompletableFuture().join();
      awaitTaken(0);
      assertEquals(BatchResult.COMPLETE, vault.store(5, 8));
      sync(directory);
      awaitTaken(1);
    }
    try (var vault = Vault.open(settings())) {
      assertEquals(Map.of(5, 8L), vault.names());
      assertTrue(vault.verifies(vault.found(5)));
    }
  }

  @Test
  void givesNothingBackUnlessAskedToAndThenWhatIsLeft() {
    var keeping =
        Vault.settings(Durability.CRASH, SLOTS, directory.resolve("a"), directory.resolve("b"));
    try (var vault = Vault.open(keeping)) {
      fill(vault);
      for (int slot : ALL) {
        if (slot != 11) {
          vault.keeper().forget(slot);
        }
      }
    }
    sync(directory);
    assertEquals(SLOTS, taken());
    try (var vault = Vault.open(settings())) {
      awaitTaken(1);
      assertTrue(vault.verifies(vault.found(11)));
    }
  }

  @Test
  void saysWhereThereCanBeNoHoles() throws IOException {
    try (var disk = new SmallDisk(directory.resolve("disk"), "ramfs", "size=1m")) {
      var settings = Vault.settings(Durability.CRASH, 4, disk.path());
      Vault.open(settings).close();
      var refused =
          assertThrows(PagodaException.class, () -> Vault.open(settings.punching()).close());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("cannot punch holes"), message);
      assertTrue(message.contains("Set punch-hole = false"), message);
      Vault.open(settings).close();
    }
  }

  /** A disk that notes holes, and does something meanwhile. */
  private static final class Holes implements Disk {
    final List<String> punched = new ArrayList<>();
    Runnable meanwhile = () -> {};

    @Override
    public void punch(int file, long position, long bytes) {
      punched.add("%d: %d+%d".formatted(file, position / Vault.BLOCK, bytes / Vault.BLOCK));
      meanwhile.run();
    }

    @Override
    public void write(int device, ByteBuffer records, long position) {}

    @Override
    public void syncRecords(int device) {}

    @Override
    public void syncSlots(int file) {}

    @Override
    public void replace(Superblock superblock) {}

    @Override
    public void close() {}
  }

  private final Holes holes = new Holes();
  private final ArrayDeque<Runnable> later = new ArrayDeque<>();
  private CompletableFuture<Void> fence = CompletableFuture.completedFuture(null);

  private Puncher puncher() {
    var layout = new Layout(20, Vault.BLOCK, 1, 8);
    return new Puncher(0, layout, holes, later::add, () -> fence);
  }

  private void runAll() {
    for (Runnable next = later.poll(); next != null; next = later.poll()) {
      next.run();
    }
  }

  private static Transfer store(HostMemory memory) {
    return new Transfer(memory.batch(), true, _ -> {});
  }

  @Test
  void punchesNeighboursTogetherAndNoneBeforeItsRecordIsGone() {
    Puncher puncher = puncher();
    fence = new CompletableFuture<>();
    for (int slot : new int[] {3, 5, 4, 9, 7, 8, 19}) {
      puncher.forget(slot);
    }
    assertEquals(1, later.size());
    runAll();
    assertEquals(List.of(), holes.punched);
    puncher.forget(18);
    fence.complete(null);
    fence = new CompletableFuture<>();
    runAll();
    assertEquals(List.of("0: 3+3", "0: 7+1", "1: 0+2", "2: 3+1"), holes.punched);
    fence.complete(null);
    runAll();
    assertEquals("2: 2+1", holes.punched.getLast());
  }

  @Test
  void aSlotThatIsStoredToIsNotPunchedAndAStoreWaitsForTheHole() {
    Puncher puncher = puncher();
    var started = new AtomicBoolean();
    try (var four = new HostMemory(Vault.BLOCK, 4);
        var five = new HostMemory(Vault.BLOCK, 1, 5)) {
      puncher.forget(3, 6);
      assertFalse(puncher.holdsUp(store(four), () -> {}));
      holes.meanwhile = () -> {
        if (holes.punched.size() == 2) {
          assertTrue(puncher.holdsUp(store(five), () -> started.set(true)));
          assertFalse(started.get());
        }
      };
      runAll();
      assertEquals(List.of("0: 3+1", "0: 5+1"), holes.punched);
      assertTrue(started.get());
      assertNull(later.poll());
    }
  }
}
