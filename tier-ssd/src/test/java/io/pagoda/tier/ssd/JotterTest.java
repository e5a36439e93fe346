package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records that are copied into memory of the kernel: who waits for that, and what stays open. */
@Timeout(300)
class JotterTest {
  @TempDir private Path root;

  private SsdSettings settings(int slots) {
    return Vault.settings(Durability.CRASH, slots, root.resolve("a"), root.resolve("b"));
  }

  private void expect(SsdSettings settings, Map<Integer, Long> names) {
    try (var vault = Vault.open(settings)) {
      assertEquals(names, vault.names());
      vault.found().values().forEach(block -> assertTrue(vault.verifies(block), block::toString));
    }
  }

  /** A device that does not come back from a copy, until it may. */
  private static final class Hanging {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean hangs;

    private void hang() throws IOException {
      if (hangs) {
        reached.countDown();
        try {
          assertTrue(released.await(120, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    }

    private Disk before(Disk disk) {
      return new PassingDisk(disk) {
        @Override
        public void write(int directory, ByteBuffer records, long position) throws IOException {
          hang();
          disk.write(directory, records, position);
        }
      };
    }
  }

  /** Who has blocks forgotten may be a caller, the clock, or the thread of another device. */
  @Test
  void nobodyWhoHasBlocksForgottenWaitsForADeviceThatHangs() throws Exception {
    var hanging = new Hanging();
    try (var vault = Vault.open(settings(8), port -> port, hanging::before)) {
      assertEquals(BatchResult.COMPLETE, vault.store(new int[] {1, 2, 3, 5}, 1, 2, 3, 5));
      hanging.hangs = true;
      var stored = new CompletableFuture<BatchResult>();
      vault.storing(new int[] {7}, new long[] {7}, stored::complete);
      assertTrue(hanging.reached.await(60, TimeUnit.SECONDS));
      var forgot = CompletableFuture.runAsync(() -> {
        vault.keeper().forget(3);
        vault.keeper().forget(2);
        vault.keeper().forget(5);
      });
      try {
        forgot.get(60, TimeUnit.SECONDS);
      } finally {
        hanging.released.countDown();
      }
      assertEquals(BatchResult.COMPLETE, Rig.await(stored));
      assertEquals(BatchResult.COMPLETE, vault.store(5, 50));
    }
    expect(settings(8), Map.of(1, 1L, 5, 50L, 7, 7L));
  }

  @Test
  void forgetsAllBeforeItClosesIfItWasAskedTo() {
    for (int i = 0; i < 20; i++) {
      CompletableFuture<Void> forgotten;
      try (var vault = Vault.open(settings(8))) {
        assertEquals(Map.of(), vault.names());
        assertEquals(BatchResult.COMPLETE, vault.store(new int[] {0, 1}, 1, 2));
        forgotten = vault.keeper().forgetAll().toCompletableFuture();
      }
      forgotten.orTimeout(60, TimeUnit.SECONDS).join();
    }
  }

  /** One of the directories has no slot. */
  @Test
  void leavesNothingOpenOrMapped() throws IOException {
    openAndClose();
    long before = open().size();
    for (int i = 0; i < 20; i++) {
      openAndClose();
    }
    // The JVM may open a file of its own meanwhile.
    assertTrue(open().size() < before + 20, () -> open().toString());
    String maps = Files.readString(Path.of("/proc/self/maps"));
    assertFalse(maps.contains(root.toString()) || maps.contains("memfd:"), maps);
  }

  private void openAndClose() {
    try (var vault = Vault.open(settings(1))) {
      assertEquals(BatchResult.COMPLETE, vault.store(0, 7));
    }
    expect(settings(1), Map.of(0, 7L));
    List<Path> missing = List.of(root.resolve("missing/slots"));
    assertThrows(
        PagodaException.class,
        () -> FileDisk.open(settings(1).directories(), List.of(), missing).close());
  }

  private static List<String> open() {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.map(JotterTest::target).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return "gone";
    }
  }
}
