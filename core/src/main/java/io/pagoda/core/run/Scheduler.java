package io.pagoda.core.run;

import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.observe.TierFailureEvent;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.Hop.Kind;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BlockBatch;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
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
 * What no task waits for any more is not loaded, and the caller's memory not touched; spills go on,
 * since others' blocks are in them.
 */
/**
 * Runs plans: hands each hop to its tier once the hops before it have ended and there is room.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Scheduler {
  private static final int[] NONE = {};

  private final Conductor conductor;
  private final Ledger ledger;
  private final Endings endings;
  private final PlanWatcher watcher;
  private final Addressable hub;
  private final List<TierNode> tiers;
  private final Sections sections;
  private final Carrier carrier;
  private final Health health;
  private final Watch watch;
  private final TimeSource time;
  private final Lanes lanes;
  private long wakingAt = Long.MAX_VALUE;

  Scheduler(
      Conductor conductor, Ledger ledger, TierGraph graph, Workshop workshop, Health health,
      Endings endings, PlanWatcher watcher) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.endings = endings;
    this.watcher = watcher;
    this.hub = graph.hubMemory();
    this.sections = graph.sections();
    this.time = workshop;
    this.tiers = graph.tiers();
    this.carrier = new Carrier(
        tiers, sections, workshop, health.durables, hop -> conductor.execute(() -> ended(hop)),
        hop -> conductor.execute(() -> queued(hop)), ledger.shared());
    this.health = health;
    this.watch = new Watch(conductor, workshop, ledger, health, this::ended);
    this.lanes = new Lanes(graph, workshop.copyThreads());
    lanes.onRoom(this::pump);
  }

  /** Starts what a plan may start with, when {@link #pump} is called next. */
  void start(PlanRun run) {
    for (int number = 0; number < run.awaited.length; number++) {
      if (run.awaited[number] == 0) {
        enter(run, number);
      }
    }
  }

  /** Records that something a hop waited for is there. */
  void came(PlanRun run, int number) {
    if (--run.awaited[number] == 0) {
      enter(run, number);
    }
  }

  private void enter(PlanRun run, int number) {
    Hop hop = run.plan.hops().get(number);
    Priority priority = hop.kind() == Kind.STORE ? Priority.BACKGROUND : run.priority;
    lanes.of(run, hop).enter(run, number, priority, time.nanoTime());
  }

  /** Starts what may start. */
  void pump() {
    boolean moved = true;
    while (moved) {
      watcher.tellWaiters();
      moved = false;
      for (Lane lane : lanes.all()) {
        moved |= pump(lane);
      }
    }
    wakeInTime();
  }

  /** Comes again when a budget allows what it does not now. */
  private void wakeInTime() {
    long at = lanes.wakeAt(time.nanoTime());
    if (at != Long.MAX_VALUE && at != wakingAt) {
      wakingAt = at;
      time.wakeAt(at, () -> conductor.execute(() -> {
        wakingAt = wakingAt == at ? Long.MAX_VALUE : wakingAt;
        pump();
      }));
    }
  }

  /** Starts what may start on a lane; returns whether a hop was passed, so that others may too. */
  private boolean pump(Lane lane) {
    boolean passed = false;
    long now = time.nanoTime();
    for (var next = lane.next(now); next != null; next = lane.next(now)) {
      HopRun hop = prepare(next.run(), next.number());
      if (hop == null) {
        passed(next.run(), next.number());
        passed = true;
      } else {
        lane.started(hop, next.since(), time.nanoTime());
        hop.event.begin();
        move(hop, 1);
        carry(hop);
      }
    }
    return passed;
  }

  private void carry(HopRun hop) {
    int tier = hop.hop.tier();
    if (tier != Hop.POOL && health.retired(tier)) {
      hop.result = health.refusal(tier);
      conductor.execute(() -> ended(hop));
    } else if (tier != Hop.POOL && health.restedSince(tier, hop.run.rests)) {
      hop.result = health.gone();
      conductor.execute(() -> ended(hop));
    } else {
      watch.started(hop);
      conductor.afterwards(() -> carrier.carry(hop));
    }
  }

  /** {@return what is left of a hop to be carried, or null if nothing is} */
  private @Nullable HopRun prepare(PlanRun run, int number) {
    Hop hop = run.plan.hops().get(number);
    int[] moving = hop.kind() == Kind.SCATTER && run.intact() ? all(hop) : pointful(run, hop);
    return moving.length == 0 ? null : batch(run, number, hop, moving);
  }

  /** {@return 0, 1, 2 and so on, for every block of a hop} */
  private static int[] all(Hop hop) {
    int[] positions = hop.positions();
    int last = hop.size() - 1;
    if (positions[0] == 0 && positions[last] == last) {
      return positions; // they ascend
    }
    int[] all = new int[hop.size()];
    for (int i = 0; i <= last; i++) {
      all[i] = i;
    }
    return all;
  }

  /** Leaves out what need not move any more. */
  private int[] pointful(PlanRun run, Hop hop) {
    int[] moving = new int[hop.size()];
    int count = 0;
    for (int i = 0; i < hop.size(); i++) {
      if (hop.positions()[i] == Hop.NOBODY || !pointless(run, hop, i)) {
        moving[count++] = i;
      } else {
        ledger.skip(run, hop, i);
      }
    }
    return count == moving.length ? moving : Arrays.copyOf(moving, count);
  }

  /** {@return whether nobody needs a block to move, or its slot is still a hanging tier's} */
  private boolean pointless(PlanRun run, Hop hop, int i) {
    return watcher.pointless(run, hop, i)
        || (hop.kind().fillsHub() && ledger.space.withheld(hop.hubSlots()[i]));
  }

  private HopRun batch(PlanRun run, int number, Hop hop, int[] moving) {
    return hop.kind().touchesPool()
        ? poolBatch(run, number, hop, moving)
        : tierBatch(run, number, hop, moving);
  }

  private HopRun poolBatch(PlanRun run, int number, Hop hop, int[] moving) {
    long[] offsets = new long[moving.length];
    for (int i = 0; i < moving.length; i++) {
      offsets[i] = hub.offset(hop.hubSlots()[moving[i]]);
    }
    int[] blocks = run.poolBlocks(hop, moving);
    BlockBatch batch = BlockBatch.withoutKeys(hub.memory(), offsets, blocks, sections.blockBytes());
    return new HopRun(run, number, moving, batch, NONE, new BitSet(0), null, sections);
  }

  /**
   * {@return whether a block that is to be spilled was put again while it waited: the checksums
   * that are known of it may be of other bytes}
   */
  private boolean putAnew(Hop hop, int entry) {
    return hop.kind() == Kind.SPILL && ledger.index.ready(entry);
  }

  private HopRun tierBatch(PlanRun run, int number, Hop hop, int[] moving) {
    int cut = hop.section() == Hop.WHOLE ? sections.count() : 1;
    int first = Math.max(0, hop.section());
    long[] offsets = new long[moving.length];
    int[] slots = new int[moving.length];
    long[] keys = new long[2 * moving.length];
    int[] sums = new int[cut * moving.length];
    BitSet sealed = new BitSet(moving.length);
    boolean told = hop.kind() == Kind.LOAD && ledger.shared().has(hop.tier());
    for (int i = 0; i < moving.length; i++) {
      int entry = hop.entries()[moving[i]];
      offsets[i] = hub.offset(hop.hubSlots()[moving[i]]);
      slots[i] = hop.slots()[moving[i]];
      keys[2 * i] = ledger.index.high(entry);
      keys[2 * i + 1] = ledger.index.low(entry);
      for (int s = 0; s < cut; s++) {
        sums[i * cut + s] = ledger.index.checksum(entry, first + s);
      }
      sealed.set(i, !told && !putAnew(hop, entry) && ledger.index.sealed(entry));
    }
    BlockBatch batch = BlockBatch.of(hub.memory(), offsets, slots, keys, sections.blockBytes());
    HopRun.Places places =
        hop.kind() != Kind.LOAD && health.durables.seals(hop.tier()) ? places(hop, moving) : null;
    return new HopRun(run, number, moving, batch, sums, sealed, places, sections);
  }

  private HopRun.Places places(Hop hop, int[] moving) {
    long[] parents = new long[2 * moving.length];
    int[] depths = new int[moving.length];
    for (int i = 0; i < moving.length; i++) {
      ledger.index.parentKey(hop.entries()[moving[i]], parents, 2 * i);
      depths[i] = ledger.index.depth(hop.entries()[moving[i]]);
    }
    return new HopRun.Places(parents, depths);
  }

  private void ended(HopRun hop) {
    if (watch.late(hop)) {
      return;
    }
    health.ended(hop);
    if (hop.hop.kind().leavesHub() && health.retired(hop.hop.tier())) {
      hop.result = health.refusal(hop.hop.tier()); // whatever it said of what it was given
    }
    ledger.commit(hop);
    int blocks = 0;
    for (int i = 0; i < hop.moving.length; i++) {
      blocks += hop.arrived(i) ? 1 : 0;
    }
    lanes.ended(hop, blocks, time.nanoTime());
    move(hop, -1);
    tell(hop, blocks);
    if (blocks < hop.moving.length) {
      failed(hop, hop.moving.length - blocks);
    }
    passed(hop.run, hop.number);
    pump();
  }

  /** A hop is on its way to memory of devices, which keep to the order: the next may follow. */
  private void queued(HopRun hop) {
    if (hop.run.queued(hop.number)) {
      for (int follower : hop.run.followers[hop.number]) {
        if (scatters(hop.run, follower)) {
          came(hop.run, follower);
        }
      }
      hop.run.pieces.forEach(endings::tellQueued);
      pump();
    }
  }

  private static boolean scatters(PlanRun run, int number) {
    return run.plan.hops().get(number).kind() == Kind.SCATTER;
  }

  private void failed(HopRun hop, int blocks) {
    String cause = carrier.cause(hop);
    watcher.failed(hop, cause);
    if (!hop.hop.kind().touchesPool()) {
      TierFailureEvent.tell(place(hop.hop), hop.hop.kind().name(), blocks, cause);
    }
  }

  private void tell(HopRun hop, int blocks) {
    hop.event.end();
    if (hop.event.shouldCommit()) {
      boolean up = hop.hop.kind().fillsHub();
      String place = place(hop.hop);
      String hubName = tiers.getFirst().name();
      hop.event.ended(
          up ? place : hubName, up ? hubName : place, blocks, blocks * hop.bytesPerBlock(),
          hop.hop.section(), hop.startedAt - hop.enteredAt);
    }
  }

  private String place(Hop hop) {
    return hop.tier() == Hop.POOL ? Lanes.CALLERS : tiers.get(hop.tier()).name();
  }

  /** Counts the hops that touch each task's memory. */
  private static void move(HopRun hop, int by) {
    if (!hop.hop.kind().touchesPool()) {
      return;
    }
    if (hop.run.pieces.size() == 1) {
      hop.run.pieces.getFirst().moving += by;
      return;
    }
    Piece last = null;
    for (int i : hop.moving) {
      Piece piece = hop.run.pieceAt(hop.hop.positions()[i]);
      if (piece != last) {
        piece.moving += by;
        last = piece;
      }
    }
  }

  /** A hop is over, whether it ran or not. */
  private void passed(PlanRun run, int number) {
    run.hopsLeft--;
    boolean first = run.queued(number);
    for (int follower : run.followers[number]) {
      if (first || !scatters(run, follower)) {
        came(run, follower);
      }
    }
    watcher.passed(run, run.plan.hops().get(number));
  }

  /** {@return how often tiers were taken out} */
  int rests() {
    return health.rests();
  }

  /** {@return the ways that hops take} */
  Lanes lanes() {
    return lanes;
  }
}
