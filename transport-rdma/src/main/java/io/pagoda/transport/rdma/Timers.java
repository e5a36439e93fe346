package io.pagoda.transport.rdma;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What happens later, in one thread. Safe for use by many threads. */
final class Timers {
  private static final int PATIENCE_SECONDS = 10;

  private final ScheduledThreadPoolExecutor executor;
  private volatile @Nullable Thread thread;

  Timers(String name) {
    executor = new ScheduledThreadPoolExecutor(1, task -> {
      Thread made = Thread.ofPlatform().daemon().name("rdma-timers-" + name).unstarted(task);
      thread = made;
      return made;
    });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  boolean here() {
    return Thread.currentThread().equals(thread);
  }

  /** Has something happen once, unless it is cancelled; nothing once this is closed. */
  @Nullable
  ScheduledFuture<?> in(long nanos, Runnable task) {
    try {
      return executor.schedule(() -> Completions.guarded(task), nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null; // it is closed, and so is all that waits
    }
  }

  /** Has something happen again and again. */
  @Nullable
  ScheduledFuture<?> each(Duration time, Runnable task) {
    try {
      return executor.scheduleWithFixedDelay(
          () -> Completions.guarded(task), time.toNanos(), time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null; // it is closed, and so is all that waits
    }
  }

  static void cancel(@Nullable ScheduledFuture<?> task) {
    if (task != null) {
      task.cancel(false);
    }
  }

  static long nanos(Duration time) {
    return time.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE / 4 : time.toNanos();
  }

  /** Ends it: when this returns, its thread does nothing more. */
  void close() {
    executor.shutdownNow();
    try {
      if (!executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        RdmaTransport.LOG.log(Level.WARNING, "A timer of an RDMA transport does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
