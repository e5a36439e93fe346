package io.pagoda.core.run;

import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.core.observe.Recorder;
import io.pagoda.core.plan.Hop;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
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
  private boolean used;

  Lane(int width) {
    this.width = width;
  }

  /** A hop that may start when there is room, and since when. */
  record Waiting(PlanRun run, int number, long since) {}

  void enter(PlanRun run, int number, Priority priority, long now) {
    waiting.computeIfAbsent(priority, _ -> new ArrayDeque<>()).add(new Waiting(run, number, now));
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

  /** Takes it for something else, if nobody uses it or wants to. */
  boolean borrow() {
    for (Queue<Waiting> queue : waiting.values()) {
      if (!queue.isEmpty()) {
        return false;
      }
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
    private final Recorder waits = new Recorder();
    private final Recorder services = new Recorder();
    private long blocks;
    private long bytes;
    private long busyNanos;
    private long batches;
    private long failures;
    private int onTheWay;
    private long busySince;

    void started(HopRun hop) {
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
