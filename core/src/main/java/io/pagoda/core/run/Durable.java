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

  Durable(String name, IntConsumer forgetting, Supplier<CompletionStage<Void>> forgettingAll) {
    this.name = name;
    this.forgetting = forgetting;
    this.forgettingAll = forgettingAll;
  }

  /** Has the block in a slot be forgotten before the next store. */
  void due(int slot) {
    if (!retired) {
      due.add(slot);
    }
  }

  /** Calls the tier no more: what it still has is looked at again at the next start. */
  void retire() {
    retired = true;
    due.clear();
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
    if (retired) {
      return CompletableFuture.failedStage(
          new IllegalStateException(
              "Tier '%s' is out of service: what it holds may be found again after a restart"
                  .formatted(name)));
    }
    try {
      return forgettingAll.get();
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedStage(e);
    }
  }
}
