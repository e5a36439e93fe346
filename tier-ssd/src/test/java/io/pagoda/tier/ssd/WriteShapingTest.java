package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is read before what is written, and how much is written. */
class WriteShapingTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @TempDir private Path directory;

  private static Transfer transfer(HostMemory memory, boolean store) {
    return new Transfer(memory.batch(), store, _ -> {});
  }

  @Test
  void readsPassWritesButNotForEver() {
    try (var memory = new HostMemory(Rig.BLOCK, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)) {
      var lineup = new Lineup();
      Transfer write = transfer(memory, true);
      Transfer read = transfer(memory, false);
      lineup.add(write);
      lineup.add(read);
      for (int i = 0; i < Lineup.READS_PER_WRITE; i++) {
        assertSame(read, lineup.next(true), "operation " + i);
        lineup.started(read);
      }
      assertSame(write, lineup.next(true));
      assertSame(read, lineup.next(false), "a write that may not be started keeps no read");
      lineup.started(write);
      assertSame(read, lineup.next(true));
      lineup.remove(read);
      assertSame(write, lineup.next(true));
      assertNull(lineup.next(false));
      assertTrue(lineup.hasWrites());
      lineup.remove(write);
      assertNull(lineup.next(true));
      assertFalse(lineup.hasWrites());
    }
  }

  @Test
  void aBudgetIsKeptOnAverage() {
    var budget = new WriteBudget(1000, 0);
    assertEquals(0, budget.delay(0));
    budget.spend(600);
    long wait = budget.delay(0);
    assertEquals(0.5, (double) wait / SECOND, 0.01);
    assertTrue(budget.delay(wait / 2) > 0);
    assertEquals(0, budget.delay(wait));
    // A pause of an hour brings no more than a tenth of a second does.
    budget.delay(3600 * SECOND);
    budget.spend(101);
    assertTrue(budget.delay(3600 * SECOND) > 0);
  }

  @Test
  void aBudgetOfMinutesIsSpentEvenly() {
    var budget = new WriteBudget(1 << 20, 0);
    long now = 0;
    long written = 0;
    while (written < 100 << 20) {
      now += budget.delay(now);
      budget.spend(64 << 10);
      written += 64 << 10;
    }
    assertEquals(100, (double) now / SECOND, 0.3);
  }

  @ParameterizedTest
  @EnumSource(value = Engine.class, names = {"IO_URING", "FILE_CHANNEL"})
  void writesNoFasterThanItsBudgetAndReadsMeanwhile(Engine engine) {
    var settings = Rig.settings(engine, 8, directory);
    var pace = new Pace(2 * Rig.BLOCK, Duration.ofSeconds(30));
    try (
        var tier =
            SsdTier.open(settings, Rig.shape(settings).at(pace), "test", UnaryOperator.identity());
        var source = new HostMemory(Rig.BLOCK, 1, 2, 3, 4, 5, 6).fill(1);
        var target = new HostMemory(Rig.BLOCK, 0)) {
      Rig.fill(tier, 1, 0);
      List<String> ended = new CopyOnWriteArrayList<>();
      var stored = new CompletableFuture<BatchResult>();
      var loaded = new CompletableFuture<BatchResult>();
      long start = System.nanoTime();
      tier.store(source.batch(), result -> {
        ended.add("stored");
        stored.complete(result);
      });
      tier.load(target.batch(), result -> {
        ended.add("loaded");
        loaded.complete(result);
      });
      assertEquals(BatchResult.COMPLETE, Rig.await(loaded));
      assertEquals(BatchResult.COMPLETE, Rig.await(stored));
      assertEquals(List.of("loaded", "stored"), ended);
      target.check(1);
      double seconds = (double) (System.nanoTime() - start) / SECOND;
      assertTrue(seconds > 2.2, "6 blocks at 2 a second in " + seconds + " s");
      Rig.expect(tier, 1, 1, 2, 3, 4, 5, 6);
    }
  }
}
