package io.pagoda.core.run;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/*
 * A slot that is given back may be taken again by the next task, and stored to by another thread
 * before the first has told the tier to forget what was in it. So who stores tells first what is
 * due; both wait for who is telling.
 */
/**
 * A tier whose blocks outlive the process, and what it is still to forget.
 *
 * <p><b>Threads.</b> {@link #due} is called by tasks of the conductor, all else when it has been
 * left.
 */
final class Durable {
  private static final System.Logger LOG = System.getLogger(Durable.class.getName());

  private final String name;
  private final IntConsumer forgetting;
  private final Supplier<CompletionStage<Void>> forgettingAll;
  private final Queue<Integer> due = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean failed = new AtomicBoolean();
  private volatile boolean retired;

  /** Whether the blocks that are forgotten here stay where they are, since the tier leaves. */
  private volatile boolean out;

  /** Whether all blocks were dropped, and the tier has not forgotten them all. */
  private volatile boolean stale;

  Durable(String name, IntConsumer forgetting, Supplier<CompletionStage<Void>> forgettingAll) {
    this.name = name;
    this.forgetting = forgetting;
    this.forgettingAll = forgettingAll;
  }

  /** Has the block in a slot be forgotten before the next store. */
  void due(int slot) {
    if (!retired && !out) {
      due.add(slot);
    }
  }

  /** Calls the tier no more: what it still has is looked at again at the next start. */
  void retire() {
    retired = true;
    due.clear();
  }

  /** Has blocks stay there, or not; what it was to forget before it is told in any case. */
  void keep(boolean blocks) {
    out = blocks;
  }

  /** Learns that it is there again; returns whether what the tier brings was dropped meanwhile. */
  boolean come() {
    boolean dropped = stale;
    stale = false;
    out = false;
    retired = false;
    return dropped;
  }

  /** Tells the tier what it is to forget. */
  synchronized void tell() {
    for (Integer slot = due.poll(); slot != null && !retired; slot = due.poll()) {
      forget(slot);
    }
  }

  private void forget(int slot) {
    try {
      forgetting.accept(slot);
    } catch (RuntimeException | Error e) {
      if (failed.compareAndSet(false, true)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "Tier '%s' could not forget the block in slot %d: it may be found again after a restart"
                .formatted(name, slot),
            e);
      }
    }
  }

  /** Has the tier forget every block; completes when none can come back. */
  synchronized CompletionStage<Void> tellAll() {
    due.clear();
    stale = true;
    if (out) {
      return CompletableFuture.failedStage(
          new IllegalStateException(
              ("Tier '%s' was taken out: what it holds is forgotten when it is put in again, and "
                  + "may be found after a restart").formatted(name)));
    }
    if (retired) {
      return CompletableFuture.failedStage(
          new IllegalStateException(
              "Tier '%s' is out of service: what it holds may be found again after a restart"
                  .formatted(name)));
    }
    try {
      return forgettingAll.get().whenComplete((_, failure) -> {
        if (failure == null) {
          stale = false;
        }
      });
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedStage(e);
    }
  }
}
