package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Metered.Figure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tier says of what it did. */
class TallyTest {
  @TempDir private Path directory;

  private static long figure(SsdTier tier, Figure figure) {
    return Objects.requireNonNull(tier.figures().get(figure), figure::name);
  }

  @Test
  void countsWhatItMovesAndWritesDown() {
    var settings =
        Vault.settings(Durability.POWER, 8, directory.resolve("a"), directory.resolve("b"));
    long record = RecordFormat.bytes(Vault.SHAPE.checksums());
    long written = 3L * Vault.BLOCK + 3 * record;
    try (var vault = Vault.open(settings)) {
      assertEquals(BatchResult.COMPLETE, vault.store(new int[] {0, 1, 2}, 1, 2, 3));
      assertEquals(written, figure(vault.tier(), Figure.BYTES_WRITTEN));
      assertEquals(3, figure(vault.tier(), Figure.RECORDS_WRITTEN));
      assertEquals(4, figure(vault.tier(), Figure.SYNCS), "two for each device");
      assertEquals(0, figure(vault.tier(), Figure.BYTES_READ));
      assertEquals("", vault.tier().trouble());
    }
    try (var vault = Vault.open(settings)) {
      vault.found().values().forEach(vault::verifies);
      assertEquals(3L * Vault.BLOCK, figure(vault.tier(), Figure.BYTES_READ));
      assertEquals(0, figure(vault.tier(), Figure.BYTES_WRITTEN));
      assertEquals(written, figure(vault.tier(), Figure.BYTES_WRITTEN_EVER));
      assertEquals(BatchResult.COMPLETE, vault.store(5, 4));
      vault.keeper().forgetAll().toCompletableFuture().join();
    }
    try (var vault = Vault.open(settings)) {
      assertEquals(written + Vault.BLOCK + record, figure(vault.tier(), Figure.BYTES_WRITTEN_EVER));
      assertEquals(Map.of(), vault.names());
    }
  }

  /** What a process that is killed leaves behind is what is there while the tier is open. */
  @Test
  void writesDownNowAndThenHowMuchWasWritten() throws Exception {
    var settings = Vault.settings(Durability.CRASH, 2, directory);
    long holds = 2L * Vault.BLOCK;
    try (var vault = Vault.open(settings)) {
      for (int i = 0; i < 50; i++) {
        assertEquals(BatchResult.COMPLETE, vault.store(i % 2, i));
        awaitCounted(figure(vault.tier(), Figure.BYTES_WRITTEN_EVER), 9 * holds);
      }
    }
    long written = Superblock.read(directory).orElseThrow().written();
    assertTrue(written >= 50L * Vault.BLOCK);
  }

  private void awaitCounted(long written, long most) throws Exception {
    long end = System.nanoTime() + 60_000_000_000L;
    long counted;
    do {
      counted = Superblock.read(directory).orElseThrow().written();
      assertTrue(counted <= written && System.nanoTime() < end, counted + " of " + written);
    } while (written - counted >= most);
  }

  @Test
  void countsThePausesOfABudget() {
    var settings = Rig.settings(Engine.AUTO, 8, directory);
    var pace = new Pace(16L * Rig.BLOCK, Duration.ofSeconds(30));
    try (var tier =
        SsdTier.open(settings, Rig.shape(settings).at(pace), "test", UnaryOperator.identity())) {
      Rig.fill(tier, 1, 0, 1, 2, 3, 4, 5);
      assertTrue(figure(tier, Figure.WRITES_DELAYED) > 0);
      assertEquals(6L * Rig.BLOCK, figure(tier, Figure.BYTES_WRITTEN));
      assertEquals(Map.of(), withoutKnown(tier.figures()));
    }
  }

  private static Map<Figure, Long> withoutKnown(Map<Figure, Long> figures) {
    figures.keySet().removeIf(figure -> figure != Figure.BYTES_WRITTEN_EVER);
    return figures;
  }
}
