package io.pagoda.core.run;

import io.pagoda.Fault;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.BatchResult;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The index and the space together: what they say before a plan runs, and what becomes of them when
 * its hops end. Between the two nothing changes.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
public final class Ledger {
  /** What is where. */
  public final BlockIndex index;

  /** The slots. */
  public final Space space;

  private final long[] lost;
  private final long[] corrupt;

  /** Blocks whose bytes in a tier are no good, but whose slot somebody may still be reading. */
  private final Queue<Condemned> condemned = new ArrayDeque<>();

  private record Condemned(int entry, int tier) {}

  /** Who waits for what others bring. */
  final Arrivals arrivals = new Arrivals();

  /**
   * Opens a ledger.
   *
   * @param index empty
   * @param space of the same tiers, empty
   * @param tiers how many
   */
  public Ledger(BlockIndex index, Space space, int tiers) {
    this.index = index;
    this.space = space;
    this.lost = new long[tiers];
    this.corrupt = new long[tiers];
  }

  /** {@return how many blocks did not come from a tier or go into it, or came back wrong} */
  public long lost(int tier) {
    return lost[tier];
  }

  /** {@return how many blocks came back from a tier with other bytes than it was given} */
  public long corrupt(int tier) {
    return corrupt[tier];
  }

  /** Records how the blocks of a hop fared. */
  void commit(HopRun hop) {
    for (int i = 0; i < hop.moving.length; i++) {
      switch (hop.hop.kind()) {
        case LOAD -> loaded(hop, i);
        case GATHER -> gathered(hop, i);
        case SCATTER -> scattered(hop, i);
        case STORE, SPILL -> stored(hop, i);
      }
    }
  }

  /** Undoes what was reserved for the blocks of a hop that does not run; what is lost is undone. */
  void skip(PlanRun run, Hop hop, boolean all) {
    for (int i = 0; i < hop.size(); i++) {
      int position = hop.positions()[i];
      if (position != Hop.NOBODY && !all && !run.lost.get(position)) {
        continue;
      }
      switch (hop.kind()) {
        case LOAD, GATHER -> vacateHub(hop.entries()[i], hop.hubSlots()[i]);
        case SCATTER -> releaseIfStaged(run, position, hop.entries()[i], hop.hubSlots()[i]);
        case STORE, SPILL -> space.abandon(hop.entries()[i], hop.tier());
      }
      if (position != Hop.NOBODY && hop.kind() != Hop.Kind.STORE) {
        run.lost.set(position);
      }
    }
  }

  /** Records that the blocks of a run were used, the first of the prefix last. */
  void touch(PlanRun run) {
    for (int i = run.planned - 1; i >= 0; i--) {
      space.touch(run.pinned[i]);
    }
  }

  /** Takes pins back. */
  public void unpin(int[] entries, int from, int to) {
    for (int i = from; i < to; i++) {
      index.unpin(entries[i]);
    }
    buryCondemned();
  }

  private void loaded(HopRun run, int i) {
    int entry = entry(run, i);
    int hubSlot = run.hop.hubSlots()[run.moving[i]];
    if (run.arrived(i)) {
      if (index.slot(entry, Space.HUB) == hubSlot) {
        publishInHub(entry);
      }
      return;
    }
    run.run.lost.set(position(run, i));
    lost[run.hop.tier()]++;
    corrupt[run.hop.tier()] += run.corrupt.get(i) ? 1 : 0;
    vacateHub(entry, hubSlot);
    if (!mayComeBack(run, i)) {
      condemn(entry, run.hop.tier());
    }
  }

  private static boolean mayComeBack(HopRun run, int i) {
    if (run.corrupt.get(i)) {
      return false;
    }
    return switch (run.result) {
      case BatchResult.Complete _ -> true;
      case BatchResult.Partial partial -> partial.cause().fault() == Fault.TRANSIENT;
      case BatchResult.Failed failed -> failed.cause().fault() == Fault.TRANSIENT;
    };
  }

  private void gathered(HopRun run, int i) {
    int entry = entry(run, i);
    if (run.arrived(i)) {
      if (!index.ready(entry)) {
        index.unseal(entry);
      }
      publishInHub(entry);
      run.run.arrived.set(position(run, i));
    } else {
      run.run.lost.set(position(run, i));
      abandonHub(entry);
    }
  }

  private void scattered(HopRun run, int i) {
    if (run.arrived(i)) {
      run.run.arrived.set(position(run, i));
    } else {
      run.run.lost.set(position(run, i));
    }
    releaseIfStaged(entry(run, i), run.hop.hubSlots()[run.moving[i]]);
  }

  private void stored(HopRun run, int i) {
    int entry = entry(run, i);
    int tier = run.hop.tier();
    if (run.arrived(i)) {
      index.seal(entry, run.checksums[i]);
      space.publish(entry, tier);
    } else {
      lost[tier]++;
      if (mayComeBack(run, i)) {
        space.abandonFull(entry, tier);
      } else {
        space.abandon(entry, tier);
      }
    }
  }

  private void publishInHub(int entry) {
    space.publish(entry, Space.HUB);
    arrivals.ended(entry);
  }

  private void abandonHub(int entry) {
    space.abandon(entry, Space.HUB);
    arrivals.ended(entry);
  }

  /** {@return whether another plan waits for a block that a hop brings} */
  boolean awaited(Hop hop) {
    for (int entry : hop.entries()) {
      if (arrivals.awaited(entry)) {
        return true;
      }
    }
    return false;
  }

  /** Gives back the slot of the hub that was taken for a block which did not come. */
  private void vacateHub(int entry, int hubSlot) {
    if (index.slot(entry, Space.HUB) == hubSlot) {
      abandonHub(entry);
    } else {
      space.releaseHub(hubSlot);
    }
  }

  private void releaseIfStaged(PlanRun run, int position, int entry, int hubSlot) {
    if (!run.lost.get(position)) {
      releaseIfStaged(entry, hubSlot);
    }
  }

  /** Gives back a slot through which a block only passed. */
  private void releaseIfStaged(int entry, int hubSlot) {
    if (index.slot(entry, Space.HUB) != hubSlot) {
      space.releaseHub(hubSlot);
    }
  }

  private void condemn(int entry, int tier) {
    if (index.ready(entry, tier)) {
      space.condemn(entry, tier);
      condemned.add(new Condemned(entry, tier));
    }
  }

  private void buryCondemned() {
    for (int left = condemned.size(); left > 0; left--) {
      Condemned next = condemned.remove();
      if (index.pinned(next.entry)) {
        condemned.add(next);
      } else {
        space.abandon(next.entry, next.tier);
      }
    }
  }

  /** {@return whether a fetch leaves a block of {@code tier} in the hub} */
  public boolean promotes(int tier) {
    return space.promotion(tier) != Promotion.NEVER;
  }

  private static int entry(HopRun run, int i) {
    return run.hop.entries()[run.moving[i]];
  }

  private static int position(HopRun run, int i) {
    return run.hop.positions()[run.moving[i]];
  }
}
