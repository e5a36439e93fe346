package io.pagoda.core.run;

import io.pagoda.StoreStatistics;
import io.pagoda.core.graph.Budget;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.plan.Hop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ways between the hub and all other places.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
public final class Lanes {
  /** What the callers' memory is called. */
  static final String CALLERS = "engine";

  /** What the callers' memory is called that is on devices. */
  private static final String DEVICES = "device";

  /** How many batches devices have at a time: the next is there before one has ended. */
  private static final int DEVICE_BATCHES = 8;

  private final List<TierNode> tiers;
  private final Lane pool;
  private final Lane devices = new Lane(DEVICE_BATCHES);
  private final Lane[] lanes;
  private final List<Lane> all;
  private Runnable pump = () -> {};
  private Loaded loaded = (_, _, _) -> {};

  Lanes(TierGraph graph, int copyThreads) {
    this.tiers = graph.tiers();
    this.pool = new Lane(copyThreads);
    this.lanes = new Lane[tiers.size()];
    Arrays.setAll(
        lanes,
        i -> new Lane(
            tiers.get(i).tier().spec().batches(),
            i == 0 ? Budget.NONE : graph.edges().get(i - 1).budget()));
    this.all = new ArrayList<>(List.of(lanes));
    all.addFirst(devices);
    all.addFirst(pool);
  }

  Lane of(PlanRun run, Hop hop) {
    return hop.tier() != Hop.POOL ? lanes[hop.tier()] : run.onDevices() ? devices : pool;
  }

  /** {@return all of them, the callers' first} */
  List<Lane> all() {
    return all;
  }

  /** Ends all budgets: what waits is to be over soon. */
  public void lift() {
    all.forEach(Lane::lift);
    pump.run();
  }

  /** {@return when somebody may start who waits for nothing but a budget; or the end of time} */
  long wakeAt(long now) {
    long first = Long.MAX_VALUE;
    for (Lane lane : all) {
      first = Math.min(first, lane.wakeAt(now));
    }
    return first;
  }

  /** Has somebody start what may start when there is room again. */
  void onRoom(Runnable starter) {
    pump = starter;
  }

  /** Has somebody told of each batch of a tier that came as it should. */
  public void onLoaded(Loaded listener) {
    loaded = listener;
  }

  /** Is told of batches that have come from a tier. */
  @FunctionalInterface
  public interface Loaded {
    /** Takes how long a batch took, by how many were then on their way together. */
    void took(int tier, long bytes, long nanos);
  }

  /** Ends what a hop had of its lane. */
  void ended(HopRun hop, int blocks, long now) {
    Lane lane = of(hop.run, hop.hop);
    if (hop.hop.kind() == Hop.Kind.LOAD && blocks == hop.hop.size()) {
      long share = (now - hop.startedAt) / lane.comingUp();
      loaded.took(hop.hop.tier(), blocks * hop.bytesPerBlock(), share);
    }
    lane.ended(hop, blocks, now);
  }

  /** Takes a tier's time for what no job has asked for; returns false if anybody else needs it. */
  boolean borrow(int tier) {
    return lanes[tier].borrow();
  }

  /** Ends a {@link #borrow}. */
  void giveBack(int tier) {
    lanes[tier].giveBack();
    pump.run();
  }

  /** {@return what has moved between the hub and the callers' memory, then each colder tier} */
  public List<StoreStatistics.Hop> traffic() {
    String hubName = tiers.getFirst().name();
    List<StoreStatistics.Hop> traffic = new ArrayList<>(pool.traffic(CALLERS, hubName));
    if (devices.used()) {
      traffic.addAll(devices.traffic(DEVICES, hubName));
    }
    for (int tier = 1; tier < lanes.length; tier++) {
      traffic.addAll(lanes[tier].traffic(tiers.get(tier).name(), hubName));
    }
    return traffic;
  }
}
