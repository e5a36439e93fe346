package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.spi.tier.BlockBatch;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A tier completes every batch once, and closes once, when nothing is in flight any more. */
public interface TierLifeContract extends TierUnderTest {
  /** A tier that was never used closes, and again. */
  @Test
  default void closesUnused() {
    try (var trial = new Trial(this)) {
      trial.closeTier();
      trial.closeTier();
    }
  }

  /** One tier may be opened after another was closed. */
  @Test
  default void opensAgainAfterAnotherWasClosed() {
    for (int round = 0; round < 3; round++) {
      try (var trial = new Trial(this)) {
        trial.store(round, 4_000 + round);
        trial.expect(round, 4_000 + round);
      }
    }
  }

  /** A closed tier refuses batches, moves nothing and completes nothing. */
  @Test
  default void refusesBatchesOnceClosed() {
    try (var trial = new Trial(this)) {
      trial.store(0, 4_100);
      HostBlocks memory = trial.memory(1);
      var batch = memory.batch(new int[] {0}, new long[] {4_100});
      var load = new Receipt("a load after close", () -> {});
      var store = new Receipt("a store after close", () -> {});
      trial.closeTier();
      assertThrows(IllegalStateException.class, () -> trial.tier().load(batch, load), "load");
      assertThrows(IllegalStateException.class, () -> trial.tier().store(batch, store), "store");
      trial.closeTier();
      memory.check();
      load.completed(0);
      store.completed(0);
    }
  }

  /** Close returns when what was in flight has completed, not before. */
  @Test
  default void completesWhatIsInFlightBeforeItCloses() {
    try (var trial = new Trial(this)) {
      int[] slots = trial.slots();
      long[] seeds = trial.fillAll(4_200);
      HostBlocks target = trial.memory(slots.length);
      for (int i = 0; i < slots.length; i++) {
        target.expect(i, seeds[i]);
      }
      Receipt load = trial.load(target.batch(slots, seeds), target::check);
      trial.closeTier();
      load.completed(1);
      target.check();
      load.arrives(trial.patience());
    }
  }

  /**
   * While threads hand it batches, a tier may be closed: a batch is refused or completed, and
   * nothing touches its memory once close has returned.
   */
  @Test
  default void closesWhileThreadsAreAtWork() {
    for (int round = 0; round < 5; round++) {
      try (var trial = new Trial(this)) {
        closesWhileThreadsAreAtWork(trial);
      }
    }
  }

  private static void closesWhileThreadsAreAtWork(Trial trial) {
    int threads = Math.clamp(trial.spec().batches(), 1, 4);
    long[] seeds = trial.fillAll(4_300);
    var busy = new CountDownLatch(threads);
    var closed = new AtomicBoolean();
    var targets = Stream.generate(() -> trial.memory(1)).limit(threads).toList();
    trial.inThreads(threads + 1, thread -> {
      if (thread < threads) {
        var batch = targets.get(thread).batch(new int[] {thread}, new long[] {seeds[thread]});
        loadUntilRefused(trial, batch, busy, closed);
      } else {
        awaitUninterrupted(busy);
        trial.closeTier();
        closed.set(true);
        targets.forEach(HostBlocks::scribble);
      }
    });
    targets.forEach(HostBlocks::check);
  }

  /** Loads again and again; what ends it is the tier's refusal, and nothing else. */
  private static void loadUntilRefused(
      Trial trial, BlockBatch batch, CountDownLatch busy, AtomicBoolean closed) {
    try {
      while (true) {
        boolean late = closed.get();
        var receipt = new Receipt("load of " + batch, () -> {});
        trial.tier().load(batch, receipt);
        receipt.arrives(trial.patience());
        receipt.completed(1);
        assertFalse(late, "a load was taken after close had returned");
        busy.countDown();
      }
    } catch (IllegalStateException _) {
      busy.countDown();
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
