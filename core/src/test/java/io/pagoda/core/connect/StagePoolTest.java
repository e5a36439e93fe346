package io.pagoda.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.connect.StagePool.Lease;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing is lent twice, whoever came first has it first, and all of it comes back. */
@Timeout(60)
class StagePoolTest {
  private static final long UNIT = StagePool.ALIGNMENT;
  private static final int UNITS = 64;

  private final StagePool pool = new StagePool(Arena.ofAuto(), UNITS * UNIT);

  private record Held(Lease lease, int units) {}

  private Lease taken(int units) {
    return pool.take(units * UNIT).join();
  }

  @Test
  void whoComesFirstIsServedFirst() {
    Lease most = taken(UNITS - 1);
    CompletableFuture<Lease> large = pool.take(2 * UNIT);
    CompletableFuture<Lease> small = pool.take(UNIT);
    assertFalse(large.isDone());
    assertFalse(small.isDone(), "it would fit, and would pass the large one");
    most.close();
    assertTrue(large.isDone());
    assertTrue(small.isDone());
    large.join().close();
    small.join().close();
    assertEquals(0, pool.lent());
  }

  @Test
  void whoGivesUpWaitingKeepsNobodyWaiting() {
    Lease most = taken(UNITS - 1);
    CompletableFuture<Lease> large = pool.take(2 * UNIT);
    CompletableFuture<Lease> small = pool.take(UNIT);
    large.cancel(false);
    assertTrue(small.isDone());
    small.join().close();
    most.close();
    most.close();
    assertEquals(0, pool.lent());
    taken(UNITS).close();
  }

  @Test
  void neighboursBecomeOneInWhateverOrderTheyComeBack() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    Random random = new Random(seed);
    List<Held> leases = new ArrayList<>();
    BitSet used = new BitSet();
    for (int step = 0; step < 20_000; step++) {
      if (random.nextBoolean()) {
        int size = 1 + random.nextInt(9);
        CompletableFuture<Lease> asked = pool.take(size * UNIT);
        if (asked.isDone()) {
          mark(used, asked.join(), size, true, seed);
          leases.add(new Held(asked.join(), size));
        } else {
          asked.cancel(false);
        }
      } else if (!leases.isEmpty()) {
        Held back = leases.remove(random.nextInt(leases.size()));
        mark(used, back.lease, back.units, false, seed);
        back.lease.close();
      }
      assertEquals(used.cardinality() * UNIT, pool.lent(), "seed " + seed);
    }
    leases.forEach(held -> held.lease.close());
    taken(UNITS).close();
  }

  private static void mark(BitSet used, Lease lease, int size, boolean now, long seed) {
    int from = (int) (lease.offset() / UNIT);
    assertTrue(from + size <= UNITS, "seed " + seed);
    assertEquals(now ? 0 : size, used.get(from, from + size).cardinality(), "seed " + seed);
    used.set(from, from + size, now);
  }

  @Test
  void manyThreadsAreAllServed() throws Exception {
    try (var threads = Executors.newFixedThreadPool(8)) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Random random = new Random(i);
        all.add(CompletableFuture.runAsync(() -> {
          for (int round = 0; round < 2_000; round++) {
            CompletableFuture<Lease> asked = pool.take((1 + random.nextInt(UNITS)) * UNIT);
            if (random.nextInt(4) > 0 || !asked.cancel(false)) {
              asked.join().close();
            }
          }
        }, threads));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get(50, TimeUnit.SECONDS);
    }
    assertEquals(0, pool.lent());
    taken(UNITS).close();
  }
}
