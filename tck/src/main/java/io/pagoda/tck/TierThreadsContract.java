package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.StorageTier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A tier takes batches from any thread, as many at once as its spec says. */
public interface TierThreadsContract extends TierUnderTest {
  /** Threads with slots of their own do not disturb each other. */
  @Test
  default void takesBatchesFromManyThreads(Random random) {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      int threads = Math.min(trial.spec().batches(), slots.length / 2);
      int share = slots.length / threads;
      long seed = random.nextLong();
      trial.inThreads(threads, thread -> {
        int[] own = Arrays.copyOfRange(slots, thread * share, (thread + 1) * share);
        for (int round = 0; round < trial.rounds(10); round++) {
          long first = seed + 10_000L * thread + 100L * round;
          long[] seeds = Arrays.stream(own).mapToLong(slot -> first + slot).toArray();
          trial.store(own, seeds);
          trial.expect(own, seeds);
        }
      });
    }
  }

  /** Threads may load the same slots at the same time. */
  @Test
  default void loadsTheSameSlotsInManyThreads() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(3_000);
      trial.inThreads(Math.min(8, trial.spec().batches()), _ -> {
        for (int round = 0; round < trial.rounds(5); round++) {
          trial.expect(slots, seeds);
        }
      });
    }
  }

  /** One thread may have several batches on their way. */
  @Test
  default void takesManyBatchesFromOneThread() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      int batches = Math.min(trial.spec().batches(), slots.length);
      Receipt[] receipts = new Receipt[batches];
      for (int i = 0; i < batches; i++) {
        HostBlocks source = trial.memory(1);
        long seed = 3_100L + i;
        source.fill(0, seed);
        var batch = source.batch(new int[] {slots[i]}, new long[] {seed});
        receipts[i] = trial.store(batch, source::check);
      }
      Arrays.stream(receipts).forEach(receipt -> receipt.arrives(trial.patience()));
      for (int i = 0; i < batches; i++) {
        trial.expect(slots[i], 3_100 + i);
      }
    }
  }

  /** A completed store is visible to every later load, of whichever thread. */
  @Test
  default void showsACompletedStoreToOtherThreads() {
    try (var trial = new Trial(this)) {
      for (int round = 0; round < trial.rounds(50); round++) {
        long seed = 3_200L + round;
        int slot = round % 2;
        trial.store(slot, seed);
        trial.inThreads(1, _ -> trial.expect(slot, seed));
      }
    }
  }

  /** A completion may hand the tier its next batch: it is only one more thread. */
  @Test
  default void takesABatchFromACompletion() {
    try (var trial = new Trial(this)) {
      HostBlocks source = trial.memory(1);
      HostBlocks target = trial.memory(1);
      source.fill(0, 3_300);
      target.expect(0, 3_300);
      int[] slots = {5};
      long[] keys = {3_300};
      var next = new CompletableFuture<Receipt>();
      Runnable loading = () -> next.complete(trial.load(target.batch(slots, keys), target::check));
      var batch = source.batch(slots, keys);
      trial.inThreads(1, _ -> trial.store(batch, loading).arrives(trial.patience()));
      Receipt.await(next, "the next batch", trial.patience()).arrives(trial.patience());
    }
  }

  /** A call returns though somebody's completion does not, as long as the tier is not full. */
  @Test
  default void takesABatchWhileACompletionLasts() {
    try (var trial = new Trial(this)) {
      Assumptions.assumeTrue(trial.spec().batches() > 1, "it takes one batch at a time");
      long[] seeds = trial.fillAll(3_400);
      HostBlocks one = trial.memory(1);
      HostBlocks other = trial.memory(1);
      var within = new CountDownLatch(1);
      var taken = new CountDownLatch(1);
      trial.inThreads(2, thread -> {
        if (thread == 0) {
          trial.load(one.batch(new int[] {0}, new long[] {seeds[0]}), () -> {
            within.countDown();
            awaits(taken, trial.patience());
          }).arrives(trial.patience().multipliedBy(2));
        } else {
          awaits(within, trial.patience());
          trial.load(other.batch(new int[] {1}, new long[] {seeds[1]}), () -> {});
          taken.countDown();
        }
      });
    }
  }

  private static void awaits(CountDownLatch latch, Duration patience) {
    try {
      assertTrue(latch.await(patience.toNanos(), TimeUnit.NANOSECONDS), "a call does not return");
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Even a tier that is busy keeps the order between a store and the load that waited for it. */
  @Test
  default void passesBlocksFromThreadToThread(Random random) {
    try (var trial = new Trial(this)) {
      StorageTier tier = trial.tier();
      int pairs = Math.max(1, Math.min(4, tier.spec().batches()));
      long seed = random.nextLong();
      trial.inThreads(pairs, pair -> {
        for (int round = 0; round < trial.rounds(10); round++) {
          int slot = 2 * pair + round % 2;
          long stored = seed + 1_000L * pair + round;
          trial.store(slot, stored);
          trial.inThreads(1, _ -> trial.expect(slot, stored));
        }
      });
    }
  }
}
