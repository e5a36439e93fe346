package io.pagoda.core.run;

import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.core.graph.Budget;
import io.pagoda.core.observe.Recorder;
import io.pagoda.core.plan.Hop;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The way to one place: how many batches may be on it at once, who is next, and how much it has
 * carried in each direction, which may have a budget. Who waits for data goes before who stores it.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Lane {
  private static final Priority[] PRIORITIES = Priority.values();

  private final int width;
  private final Direction up;
  private final Direction down;
  private long entered;
  private int carried;
  private boolean used;

  Lane(int width) {
    this(width, Budget.NONE);
  }

  Lane(int width, Budget budget) {
    this.width = width;
    up = new Direction(budget.read());
    down = new Direction(budget.write());
  }

  /** A hop that may start when there is room, since when, and how many came before it. */
  record Waiting(PlanRun run, int number, long since, long turn) {}

  void enter(PlanRun run, int number, Priority priority, long now) {
    Hop hop = run.plan.hops().get(number);
    direction(hop).enter(new Waiting(run, number, now, entered++), priority);
  }

  /** {@return who may start now, or null if there is no room or budget, or nobody waits} */
  @Nullable
  Waiting next(long now) {
    if (carried == width) {
      return null;
    }
    for (Priority priority : PRIORITIES) {
      Waiting rises = up.first(priority, now);
      Waiting falls = down.first(priority, now);
      if (rises != null && (falls == null || rises.turn < falls.turn)) {
        return up.poll(priority);
      }
      if (falls != null) {
        return down.poll(priority);
      }
    }
    return null;
  }

  /** {@return when somebody may start who waits for nothing but a budget; or the end of time} */
  long wakeAt(long now) {
    return Math.min(up.wakeAt(now), down.wakeAt(now));
  }

  /** Ends its budgets. */
  void lift() {
    up.allowance.lift();
    down.allowance.lift();
  }

  /** Takes it for something else, if nobody uses it or wants to. */
  boolean borrow() {
    if (up.isAwaited() || down.isAwaited()) {
      return false;
    }
    boolean idle = carried == 0;
    carried += idle ? 1 : 0;
    return idle;
  }

  void giveBack() {
    carried--;
  }

  /** {@return whether anything was ever on it} */
  boolean used() {
    return used;
  }

  void started(HopRun hop, long since, long now) {
    carried++;
    used = true;
    hop.enteredAt = since;
    hop.startedAt = now;
    direction(hop.hop).started(hop);
  }

  /** {@return how many batches are on their way to the hub} */
  int comingUp() {
    return up.onTheWay;
  }

  void ended(HopRun hop, int blocks, long now) {
    carried--;
    direction(hop.hop).ended(hop, blocks, now);
  }

  private Direction direction(Hop hop) {
    return hop.kind().fillsHub() ? up : down;
  }

  /** {@return what has moved between a place and the hub, then the other way} */
  List<StoreStatistics.Hop> traffic(String place, String hub) {
    return List.of(up.traffic(place, hub), down.traffic(hub, place));
  }

  private static final class Direction {
    private final Map<Priority, Queue<Waiting>> waiting = new EnumMap<>(Priority.class);
    private final Allowance allowance;
    private final Recorder waits = new Recorder();
    private final Recorder services = new Recorder();
    private long blocks;
    private long bytes;
    private long busyNanos;
    private long batches;
    private long failures;
    private int onTheWay;
    private long busySince;

    Direction(long bytesPerSecond) {
      allowance = new Allowance(bytesPerSecond);
      for (Priority priority : PRIORITIES) {
        waiting.put(priority, new ArrayDeque<>());
      }
    }

    void enter(Waiting hop, Priority priority) {
      queue(priority).add(hop);
    }

    private Queue<Waiting> queue(Priority priority) {
      return Objects.requireNonNull(waiting.get(priority));
    }

    @Nullable
    Waiting first(Priority priority, long now) {
      return allowance.allows(now) ? queue(priority).peek() : null;
    }

    @Nullable
    Waiting poll(Priority priority) {
      return queue(priority).poll();
    }

    boolean isAwaited() {
      for (Queue<Waiting> queue : waiting.values()) {
        if (!queue.isEmpty()) {
          return true;
        }
      }
      return false;
    }

    long wakeAt(long now) {
      return allowance.allows(now) || !isAwaited() ? Long.MAX_VALUE : allowance.nextAt();
    }

    void started(HopRun hop) {
      allowance.use(hop.moving.length * hop.bytesPerBlock(), hop.startedAt);
      waits.took(hop.startedAt - hop.enteredAt);
      if (onTheWay++ == 0) {
        busySince = hop.startedAt;
      }
    }

    void ended(HopRun hop, int arrived, long now) {
      services.took(now - hop.startedAt);
      batches++;
      failures += arrived < hop.moving.length ? 1 : 0;
      blocks += hop.hop.section() <= 0 ? arrived : 0;
      bytes += arrived * hop.bytesPerBlock();
      if (--onTheWay == 0) {
        busyNanos += now - busySince;
      }
    }

    StoreStatistics.Hop traffic(String from, String to) {
      return new StoreStatistics.Hop(
          from, to,
          Map.of(
              HopCount.BLOCKS, blocks, HopCount.BYTES, bytes, HopCount.BUSY_NANOS, busyNanos,
              HopCount.BATCHES, batches, HopCount.FAILURES, failures),
          waits.latency(), services.latency());
    }
  }
}
