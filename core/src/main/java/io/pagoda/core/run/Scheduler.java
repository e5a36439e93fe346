package io.pagoda.core.run;

import io.pagoda.Job;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.Hop.Kind;
import io.pagoda.core.plan.TransferPlan;
import io.pagoda.core.pool.PoolMemory;
import io.pagoda.core.run.Arrivals.Waiter;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BlockBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * A hop's way:
 *
 *   ready        every hop it waits for has ended                            conductor
 *   in its lane  until there is room                                         conductor
 *   prepared     what was lost meanwhile is left out; a batch is made        conductor
 *   carried      LOAD     tier.load, then verified                           tier, copy thread
 *                STORE    sealed, then tier.store                            copy thread, tier
 *                GATHER   copied                                             copy thread
 *   committed    index and space learn what arrived; followers become ready  conductor
 *
 * A run that is ended from outside starts no further hop that loads, or that touches the caller's
 * memory; spills go on, since others' blocks are in them.
 */
/**
 * Runs plans: hands each hop to its tier once the hops before it have ended and there is room.
 *
 * <p><b>Threads.</b> {@link #end} and a job's methods may be called from any thread; all else by
 * tasks of the conductor only.
 */
public final class Scheduler {
  private final Conductor conductor;
  private final Ledger ledger;
  private final List<TierNode> tiers;
  private final Addressable hub;
  private final long blockBytes;
  private final Carrier carrier;
  private final TimeSource time;
  private final ExpiryQueue<PlanRun> deadlines;
  private final Lane poolLane;
  private final Lane[] tierLanes;
  private final Set<PlanRun> running = new LinkedHashSet<>();
  private final List<Runnable> whenIdle = new ArrayList<>();
  private final Map<End, Long> ends = new EnumMap<>(End.class);

  /**
   * Creates a scheduler.
   *
   * @param conductor whose tasks call it
   * @param ledger what is where
   * @param graph the tiers
   * @param workshop who copies and verifies, and when
   * @param jobTimeout how long a job may take
   */
  public Scheduler(
      Conductor conductor, Ledger ledger, TierGraph graph, Workshop workshop, Duration jobTimeout) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.tiers = graph.tiers();
    this.hub = graph.hubMemory();
    this.blockBytes = graph.blockBytes();
    this.time = workshop;
    this.carrier = new Carrier(tiers, workshop, hop -> conductor.execute(() -> ended(hop)));
    this.deadlines = new ExpiryQueue<>(conductor, time, jobTimeout, this::expire);
    this.poolLane = new Lane(workshop.copyThreads());
    this.tierLanes = new Lane[tiers.size()];
    Arrays.setAll(tierLanes, i -> new Lane(tiers.get(i).tier().spec().batches()));
  }

  /**
   * Starts a plan.
   *
   * @param plan what to move
   * @param request what for
   * @param priority how urgent it is
   * @param pool the caller's memory
   */
  public Job start(TransferPlan plan, Request request, Priority priority, PoolMemory pool) {
    var run = new PlanRun(this, plan, priority, pool, request);
    running.add(run);
    run.deadline = deadlines.enter(run);
    await(run, request.arriving());
    for (int number = 0; number < run.awaited.length; number++) {
      if (run.awaited[number] == 0) {
        enter(run, number);
      }
    }
    conclude(run);
    pump();
    return run;
  }

  /** Makes a run wait for what others bring: a fetch to copy it on, a put to count it. */
  private void await(PlanRun run, int[] positions) {
    for (int position : positions) {
      int hop = run.priority == Priority.FETCH ? scatterOf(run, position) : Waiter.NO_HOP;
      ledger.arrivals.await(new Waiter(run, hop, position, run.pinned[position]));
      if (hop == Waiter.NO_HOP) {
        run.arrivalsLeft++;
      } else {
        run.awaited[hop]++;
      }
    }
  }

  private static int scatterOf(PlanRun run, int position) {
    List<Hop> hops = run.plan.hops();
    for (int number = 0; number < hops.size(); number++) {
      Hop hop = hops.get(number);
      if (hop.kind() == Kind.SCATTER && Arrays.binarySearch(hop.positions(), position) >= 0) {
        return number;
      }
    }
    throw new IllegalStateException("No hop brings block " + position + " to its caller");
  }

  /** Tells those who waited for blocks that others have brought, or failed to bring. */
  private void tellWaiters() {
    for (Waiter due = ledger.arrivals.next(); due != null; due = ledger.arrivals.next()) {
      PlanRun run = due.run();
      if (!ledger.index.ready(due.entry(), Space.HUB)) {
        run.blame("another job was bringing some of the blocks, and failed");
      }
      if (due.hop() == Waiter.NO_HOP) {
        run.arrivalsLeft--;
        conclude(run);
      } else {
        arrivedFor(run, due);
      }
    }
  }

  private void arrivedFor(PlanRun run, Waiter due) {
    run.lost.set(due.position(), !ledger.index.ready(due.entry(), Space.HUB));
    if (--run.awaited[due.hop()] == 0) {
      enter(run, due.hop());
    }
  }

  /** Ends a job from outside, if it has not ended. */
  void end(PlanRun run, End how, String why) {
    conductor.execute(() -> cut(run, how, why));
  }

  /** Ends every job on a pool, or every job. */
  public void endAll(@Nullable PoolMemory pool, String why) {
    for (PlanRun run : List.copyOf(running)) {
      if (pool == null || run.pool == pool) {
        cut(run, End.CANCELLED, why);
      }
    }
  }

  /** {@return the jobs on a pool whose memory may still be touched} */
  public List<Job> unsettled(PoolMemory pool) {
    return running.stream().filter(r -> r.pool == pool && !r.quiet()).<Job>map(r -> r).toList();
  }

  /** {@return how many plans run} */
  public int running() {
    return running.size();
  }

  /** {@return how many jobs have ended so} */
  public long ends(End end) {
    return ends.getOrDefault(end, 0L);
  }

  private void expire(PlanRun run) {
    cut(run, End.EXPIRED, "not done within the job timeout");
  }

  private void cut(PlanRun run, End how, String why) {
    if (!run.ended()) {
      countPresent(run);
      finish(run, run.cut(how, why));
      conclude(run);
      pump();
    }
  }

  private void enter(PlanRun run, int number) {
    Hop hop = run.plan.hops().get(number);
    Priority priority = hop.kind() == Kind.STORE ? Priority.BACKGROUND : run.priority;
    lane(hop).enter(run, number, priority);
  }

  private void pump() {
    boolean moved = true;
    while (moved) {
      tellWaiters();
      moved = pump(poolLane);
      for (Lane lane : tierLanes) {
        moved |= pump(lane);
      }
    }
  }

  /** Starts what may start on a lane; returns whether a hop was passed, so that others may too. */
  private boolean pump(Lane lane) {
    boolean passed = false;
    for (var next = lane.next(); next != null; next = lane.next()) {
      HopRun hop = prepare(next.run(), next.number());
      if (hop == null) {
        passed(next.run(), next.number());
        passed = true;
      } else {
        lane.started(hop.hop, time.nanoTime());
        next.run().poolHopsMoving += hop.hop.kind().touchesPool() ? 1 : 0;
        conductor.afterwards(() -> carrier.carry(hop));
      }
    }
    return passed;
  }

  /** {@return what is left of a hop to be carried, or null if nothing is} */
  private @Nullable HopRun prepare(PlanRun run, int number) {
    Hop hop = run.plan.hops().get(number);
    boolean pointless = run.ended()
        && (hop.kind().touchesPool() || (hop.kind() == Kind.LOAD && !ledger.awaited(hop)));
    int[] moving = pointless ? new int[0] : notLost(run, hop);
    if (moving.length < hop.size()) {
      ledger.skip(run, hop, pointless);
    }
    return moving.length == 0 ? null : batch(run, number, hop, moving);
  }

  private static int[] notLost(PlanRun run, Hop hop) {
    int[] moving = new int[hop.size()];
    int count = 0;
    for (int i = 0; i < hop.size(); i++) {
      int position = hop.positions()[i];
      if (position == Hop.NOBODY || !run.lost.get(position)) {
        moving[count++] = i;
      }
    }
    return count == moving.length ? moving : Arrays.copyOf(moving, count);
  }

  private HopRun batch(PlanRun run, int number, Hop hop, int[] moving) {
    long[] offsets = new long[moving.length];
    int[] slots = new int[moving.length];
    long[] keys = new long[2 * moving.length];
    int[] sums = new int[moving.length];
    BitSet sealed = new BitSet(moving.length);
    for (int i = 0; i < moving.length; i++) {
      int entry = hop.entries()[moving[i]];
      offsets[i] = hub.offset(hop.hubSlots()[moving[i]]);
      slots[i] = hop.slots()[moving[i]];
      keys[2 * i] = ledger.index.high(entry);
      keys[2 * i + 1] = ledger.index.low(entry);
      sums[i] = ledger.index.checksum(entry);
      sealed.set(i, ledger.index.sealed(entry));
    }
    BlockBatch batch = BlockBatch.of(hub.memory(), offsets, slots, keys, blockBytes);
    return new HopRun(run, number, moving, batch, sums, sealed);
  }

  private void ended(HopRun hop) {
    ledger.commit(hop);
    int blocks = 0;
    for (int i = 0; i < hop.moving.length; i++) {
      blocks += hop.arrived(i) ? 1 : 0;
    }
    lane(hop.hop).ended(hop.hop, blocks, blocks * blockBytes, time.nanoTime());
    hop.run.poolHopsMoving -= hop.hop.kind().touchesPool() ? 1 : 0;
    if (hop.hop.kind() != Kind.SPILL && blocks < hop.moving.length) {
      hop.run.blame(carrier.cause(hop));
    }
    passed(hop.run, hop.number);
    pump();
  }

  /** A hop is over, whether it ran or not. */
  private void passed(PlanRun run, int number) {
    run.hopsLeft--;
    run.poolHopsLeft -= run.plan.hops().get(number).kind().touchesPool() ? 1 : 0;
    for (int follower : run.followers[number]) {
      if (--run.awaited[follower] == 0) {
        enter(run, follower);
      }
    }
    conclude(run);
  }

  private void conclude(PlanRun run) {
    if (!run.ended() && run.poolHopsLeft == 0 && run.arrivalsLeft == 0) {
      countPresent(run);
      finish(run, run.count());
    }
    settle(run);
    if (run.hopsLeft == 0 && run.ended() && running.remove(run)) {
      ledger.unpin(run.pinned, 0, run.pinned.length);
      if (running.isEmpty()) {
        whenIdle.forEach(conductor::announce);
        whenIdle.clear();
      }
    }
  }

  /** Calls back when no plan runs, once. */
  public void whenIdle(Runnable idle) {
    if (running.isEmpty()) {
      conductor.announce(idle);
    } else {
      whenIdle.add(idle);
    }
  }

  /** Counts what a put found stored, or on its way, and is there now. */
  private void countPresent(PlanRun run) {
    for (int i = 0; run.priority == Priority.PUT && i < run.planned; i++) {
      run.arrived.set(i, !run.lost.get(i) && ledger.index.ready(run.pinned[i]));
    }
  }

  private void finish(PlanRun run, Outcome outcome) {
    ends.merge(outcome.end(), 1L, Long::sum);
    if (run.deadline != null) {
      run.deadline.leave();
    }
    ledger.touch(run);
    conductor.announce(run.endWith(outcome));
  }

  private void settle(PlanRun run) {
    Runnable told = run.settle();
    if (told != null) {
      conductor.announce(told);
    }
  }

  private Lane lane(Hop hop) {
    return hop.tier() == Hop.POOL ? poolLane : tierLanes[hop.tier()];
  }

  /** {@return what has moved between the hub and the callers' memory, then each colder tier} */
  public List<Traffic> traffic() {
    List<Traffic> traffic = new ArrayList<>();
    traffic.add(poolLane.traffic());
    for (int tier = 1; tier < tierLanes.length; tier++) {
      traffic.add(tierLanes[tier].traffic());
    }
    return traffic;
  }
}
