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

  /** How many blocks are dropped before others get their turn. */
  private static final int AT_ONCE = 1 << 12;

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
    time.wakeAt(time.nanoTime() + INTERVAL.toNanos(), () -> conductor.execute(this::drop));
  }

  private void drop() {
    boolean more = space.dropOutlived(AT_ONCE);
    tasks.tellEvictions();
    if (more) {
      conductor.execute(this::drop);
    } else {
      watched = false;
      watch();
    }
  }
}
