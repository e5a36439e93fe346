package io.pagoda.core.run;

import io.pagoda.core.plan.Hop;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The way to one place: how many batches may be on it at once, who is next, and how much it has
 * carried in each direction. Who waits for data goes before who stores it.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Lane {
  private final int width;
  private final Map<Priority, Queue<Waiting>> waiting = new EnumMap<>(Priority.class);

  private final Direction up = new Direction();
  private final Direction down = new Direction();
  private int carried;

  Lane(int width) {
    this.width = width;
  }

  /** A hop that may start when there is room. */
  record Waiting(PlanRun run, int number) {}

  void enter(PlanRun run, int number, Priority priority) {
    waiting.computeIfAbsent(priority, _ -> new ArrayDeque<>()).add(new Waiting(run, number));
  }

  /** {@return who may start now, or null if there is no room or nobody waits} */
  @Nullable
  Waiting next() {
    if (carried == width) {
      return null;
    }
    for (Queue<Waiting> queue : waiting.values()) {
      Waiting next = queue.poll();
      if (next != null) {
        return next;
      }
    }
    return null;
  }

  void started(Hop hop, long now) {
    carried++;
    direction(hop).started(now);
  }

  void ended(Hop hop, int blocks, long bytes, long now) {
    carried--;
    direction(hop).ended(hop.section() <= 0 ? blocks : 0, bytes, now);
  }

  private Direction direction(Hop hop) {
    return hop.kind().fillsHub() ? up : down;
  }

  Traffic traffic() {
    return new Traffic(up.sum(), down.sum());
  }

  private static final class Direction {
    private long blocks;
    private long bytes;
    private long busyNanos;
    private int batches;
    private long busySince;

    void started(long now) {
      if (batches++ == 0) {
        busySince = now;
      }
    }

    void ended(int arrivedBlocks, long arrivedBytes, long now) {
      blocks += arrivedBlocks;
      bytes += arrivedBytes;
      if (--batches == 0) {
        busyNanos += now - busySince;
      }
    }

    Traffic.Sum sum() {
      return new Traffic.Sum(blocks, bytes, busyNanos);
    }
  }
}
