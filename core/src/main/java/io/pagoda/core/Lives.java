package io.pagoda.core;

import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.Tasks;
import io.pagoda.core.run.TimeSource;
import io.pagoda.core.space.Space;
import java.time.Duration;

/**
 * Drops what outlives its time, now and then, as long as anything may.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Lives {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final Conductor conductor;
  private final TimeSource time;
  private final Space space;
  private final Tasks tasks;
  private boolean watched;

  Lives(Conductor conductor, TimeSource time, Space space, Tasks tasks) {
    this.conductor = conductor;
    this.time = time;
    this.space = space;
    this.tasks = tasks;
  }

  /** Watches, if anything may outlive its time. */
  void watch() {
    if (watched || !space.mayOutlive()) {
      return;
    }
    watched = true;
    time.wakeAt(time.nanoTime() + INTERVAL.toNanos(), () -> conductor.execute(() -> {
      watched = false;
      space.dropOutlived();
      tasks.tellEvictions();
      watch();
    }));
  }
}
