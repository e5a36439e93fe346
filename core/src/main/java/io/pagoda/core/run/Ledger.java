package io.pagoda.core.run;

import io.pagoda.BlockKeys;
import io.pagoda.Ending;
import io.pagoda.Ending.Cause;
import io.pagoda.Fault;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.TransferPlan;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.BatchResult;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

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

  /** Whose bytes in a tier are no good; {@code spoilt} if the slot itself may be the reason. */
  private record Condemned(int entry, int tier, boolean spoilt, boolean lost) {
    Condemned(int entry, int tier, boolean spoilt) {
      this(entry, tier, spoilt, false);
    }
  }

  private final SharedTiers shared;
  private Quarantined quarantined = (_, _, _, _, _) -> {};

  /** Is told of slots that are not used again. */
  @FunctionalInterface
  interface Quarantined {
    void slot(int tier, int slot, long high, long low, String cause);
  }

  /** Who waits for what others bring. */
  final Arrivals arrivals = new Arrivals();

  /**
   * Opens a ledger.
   *
   * @param index empty
   * @param space of the same tiers, empty
   * @param tiers how many
   * @param shared those that other machines share
   */
  public Ledger(BlockIndex index, Space space, int tiers, SharedTiers shared) {
    this.index = index;
    this.space = space;
    this.lost = new long[tiers];
    this.corrupt = new long[tiers];
    this.shared = shared;
    shared.onLost(this::lose);
  }

  /** {@return the tiers that other machines share} */
  public SharedTiers shared() {
    return shared;
  }

  /** {@return how many blocks did not come from a tier or go into it, or came back wrong} */
  public long lost(int tier) {
    return lost[tier];
  }

  /** {@return how many blocks came back from a tier with other bytes than it was given} */
  public long corrupt(int tier) {
    return corrupt[tier];
  }

  /** Has somebody told of each slot that is not used again. */
  void onQuarantine(Quarantined listener) {
    quarantined = listener;
  }

  /** Records how the blocks of a hop fared. */
  void commit(HopRun hop) {
    boolean scatters = hop.hop.kind() == Hop.Kind.SCATTER;
    boolean completes = scatters && hop.run.completes(hop.hop, index.sections());
    if (scatters && hop.whole()) {
      scattered(hop, completes);
      return;
    }
    int size = hop.moving.length;
    for (int i = 0; i < size; i++) {
      switch (hop.hop.kind()) {
        case LOAD -> loaded(hop, i);
        case GATHER -> gathered(hop, i);
        case SCATTER -> scattered(hop, i, completes);
        case STORE -> stored(hop, size - 1 - i); // policies hear of the last of a prefix first
        case SPILL -> stored(hop, i);
      }
    }
  }

  /** Records that the block at {@code index} of a hop will not move. */
  void skip(PlanRun run, Hop hop, int index) {
    int position = hop.positions()[index];
    switch (hop.kind()) {
      case LOAD, GATHER -> {
        run.broken.set(position);
        run.lost.set(position);
        over(run, hop, index);
      }
      case SCATTER -> {
        run.lost.set(position);
        over(run, hop, index);
      }
      case STORE -> {
        run.uncopied.set(position);
        space.abandon(hop.entries()[index], hop.tier());
      }
      case SPILL -> throw new IllegalStateException("Nobody's blocks are spilled for themselves");
    }
  }

  /** Records that the blocks of a piece were used, or will be, the first of the prefix last. */
  void touch(Piece piece) {
    boolean used = piece.task.priority != Priority.PREFETCH;
    for (int i = piece.to - 1; i >= piece.from; i--) {
      if (used) {
        space.touch(piece.run.pinned[i]);
      } else {
        space.refresh(piece.run.pinned[i]);
      }
    }
  }

  /** Tells why the longest prefix that is ready ends where it does. */
  public Ending explain(BlockKeys keys, List<String> tierNames) {
    int blocks = index.match(keys, new int[keys.size()]);
    if (blocks == keys.size()) {
      return new Ending(blocks, Cause.COMPLETE, "");
    }
    int entry = index.find(keys.high(blocks), keys.low(blocks));
    boolean coming = entry != BlockIndex.NONE && index.slot(entry, Space.HUB) != BlockIndex.NONE;
    if (coming || (entry != BlockIndex.NONE && leaving(entry))) {
      Cause cause = coming ? Cause.NOT_READY : Cause.EVICTED;
      return new Ending(blocks, cause, tierNames.getFirst());
    }
    return space.ending(blocks, keys.low(blocks), tierNames);
  }

  /** {@return whether a block has left the hub and not arrived below: a draft may be in its way} */
  private boolean leaving(int entry) {
    return index.placed(entry)
        && !index.ready(entry)
        && condemned.stream().noneMatch(each -> each.entry == entry);
  }

  /** Takes pins back. */
  public void unpin(int[] entries) {
    unpin(entries, 0, entries.length);
  }

  /** Takes pins back. */
  public void unpin(int[] entries, int from, int to) {
    for (int i = from; i < to; i++) {
      index.unpin(entries[i]);
    }
    buryCondemned();
  }

  private void loaded(HopRun run, int i) {
    if (!run.arrived(i)) {
      int position = position(run, i);
      int tier = run.hop.tier();
      lost[tier] += run.run.broken.get(position) ? 0 : 1;
      corrupt[tier] += run.corrupt.get(i) ? 1 : 0;
      run.run.broken.set(position);
      run.run.lost.set(position);
      if (!mayComeBack(run, i)) {
        spoilt(entry(run, i), tier, run.corrupt.get(i) ? null : run.result);
      }
    } else if (shared.has(run.hop.tier())) {
      reseal(run, i);
    }
    over(run.run, run.hop, run.moving[i]);
  }

  /**
   * Records what others sealed a block with that has come from a tier they share. Its bytes may
   * differ from those that were put here: then no copy elsewhere is one of it.
   */
  private void reseal(HopRun run, int i) {
    int entry = entry(run, i);
    int from = i * index.sections();
    if (index.sealed(entry) && !index.sealedWith(entry, run.checksums, from)) {
      dropOthers(entry, run.hop.tier());
    }
    index.seal(entry, run.checksums, from);
  }

  private static boolean mayComeBack(HopRun run, int i) {
    return !run.corrupt.get(i) && fault(run.result) == Fault.TRANSIENT;
  }

  private void gathered(HopRun run, int i) {
    int position = position(run, i);
    if (run.arrived(i)) {
      run.run.arrived.set(position);
    } else {
      run.run.broken.set(position);
      run.run.lost.set(position);
    }
    over(run.run, run.hop, run.moving[i]);
  }

  /** Records at once that every block of a hop has come to the only task that has any. */
  private static void scattered(HopRun run, boolean completes) {
    int[] positions = run.hop.positions();
    if (completes) {
      run.run.arrived.set(positions[0], positions[positions.length - 1] + 1);
    }
    run.run.pieces.getFirst().passed(run.hop.section(), positions.length);
  }

  private void scattered(HopRun run, int i, boolean completes) {
    int position = position(run, i);
    if (!run.arrived(i)) {
      run.run.lost.set(position);
    } else if (completes && !run.run.lost.get(position)) {
      run.run.arrived.set(position);
    }
    over(run.run, run.hop, run.moving[i]);
  }

  private void stored(HopRun run, int i) {
    int entry = entry(run, i);
    int tier = run.hop.tier();
    int from = i * index.sections();
    if (run.arrived(i) && run.hop.kind() == Hop.Kind.SPILL && differs(entry, run, from)) {
      space.abandon(entry, tier); // it was put anew meanwhile
      return;
    }
    if (run.arrived(i)) {
      index.seal(entry, run.checksums, from);
      space.publish(entry, tier);
      return;
    }
    lost[tier]++;
    if (run.hop.kind() == Hop.Kind.STORE) {
      run.run.uncopied.set(position(run, i));
    }
    if (mayComeBack(run, i)) {
      space.abandonFull(entry, tier);
    } else {
      space.abandon(entry, tier);
    }
    space.bury(entry, tier, Cause.LOST);
  }

  /** {@return whether other copies of a block may have other bytes than one that was spilled} */
  private boolean differs(int entry, HopRun run, int from) {
    boolean known = index.sealed(entry) && index.sealedWith(entry, run.checksums, from);
    return index.ready(entry) && !known;
  }

  /** One movement of a request's block is over, whether it ran or not. */
  private void over(PlanRun run, Hop hop, int i) {
    int position = hop.positions()[i];
    int entry = hop.entries()[i];
    int hubSlot = hop.hubSlots()[i];
    boolean filled = hop.kind().fillsHub() && --run.fills[position] == 0;
    if (filled && !run.broken.get(position)) {
      came(hop, entry, hubSlot);
    }
    if (run.uses.length > 0 && --run.uses[position] == 0 && run.owned.get(position)) {
      leave(run.broken.get(position), entry, hubSlot);
    }
    Piece piece = run.pieceAt(position);
    if (piece.waitsFor(hop)) {
      piece.passed(hop.section(), 1);
    }
  }

  /** The bytes of a block have come into a slot of the hub, all of them. */
  private void came(Hop hop, int entry, int hubSlot) {
    if (hop.kind() == Hop.Kind.GATHER) {
      dropOthers(entry, Space.HUB); // put anew meanwhile: their bytes may differ
    }
    if (index.slot(entry, Space.HUB) == hubSlot) {
      space.publish(entry, Space.HUB);
      arrivals.ended(entry);
    }
  }

  /** Forgets the copies of a block in all colder tiers but one. */
  private void dropOthers(int entry, int but) {
    for (int tier = Space.HUB + 1; tier < lost.length; tier++) {
      if (tier != but && index.ready(entry, tier)) {
        space.condemn(entry, tier);
        condemned.add(new Condemned(entry, tier, false));
      }
    }
    index.unseal(entry);
  }

  /** Nobody of the plan uses a slot of the hub any more that was taken for a block. */
  private void leave(boolean broken, int entry, int hubSlot) {
    if (index.slot(entry, Space.HUB) != hubSlot) {
      space.release(Space.HUB, hubSlot);
    } else if (broken) {
      space.abandon(entry, Space.HUB);
      arrivals.ended(entry);
    }
  }

  /** Condemns and counts a block that was found spoilt, or to be unreadable, by itself. */
  public void foundSpoilt(int entry, int tier, @Nullable BatchResult failure) {
    boolean permanent = failure == null || fault(failure) == Fault.PERMANENT;
    if (permanent && index.ready(entry, tier)) {
      lost[tier]++;
      corrupt[tier] += failure == null ? 1 : 0;
      spoilt(entry, tier, failure);
    }
  }

  private static Fault fault(BatchResult failure) {
    return switch (failure) {
      case BatchResult.Failed failed -> failed.cause().fault();
      case BatchResult.Partial partial -> partial.cause().fault();
      case BatchResult.Complete _ -> Fault.TRANSIENT;
    };
  }

  /** Condemns a block that a tier does not bring, or brings with other bytes. */
  void spoilt(int entry, int tier, @Nullable BatchResult failure) {
    if (index.ready(entry, tier)) {
      String cause = failure == null
          ? "its bytes differ from what was stored"
          : "it cannot be read: " + message(failure);
      if (shared.has(tier)) {
        shared.gone(tier, index.high(entry), index.low(entry), failure == null);
      } else {
        quarantined.slot(tier, index.slot(entry, tier), index.high(entry), index.low(entry), cause);
      }
      space.condemn(entry, tier);
      space.bury(entry, tier, failure == null ? Cause.CORRUPT : Cause.LOST);
      condemned.add(new Condemned(entry, tier, !shared.has(tier)));
    }
  }

  private static String message(BatchResult failure) {
    return switch (failure) {
      case BatchResult.Failed failed -> String.valueOf(failed.cause().getMessage());
      case BatchResult.Partial partial -> String.valueOf(partial.cause().getMessage());
      case BatchResult.Complete _ -> "";
    };
  }

  /** Forgets every block of a tier that is out of service; those in use when nobody uses them. */
  void retire(int tier) {
    for (int slot = 0; slot < space.slots(tier); slot++) {
      int entry = space.block(tier, slot);
      if (entry != Space.NONE) {
        lose(entry, tier);
      }
    }
  }

  /** Forgets that a block is in a tier; if it is in use, its slot is free when nobody uses it. */
  private void lose(int entry, int tier) {
    space.condemn(entry, tier);
    space.bury(entry, tier, Cause.LOST);
    if (index.pinned(entry)) {
      condemned.add(new Condemned(entry, tier, false, true));
    } else {
      space.abandon(entry, tier);
    }
  }

  /**
   * Takes it back that a block was lost with its tier, which has come again while somebody still
   * uses the block; returns whether its slot was kept for that.
   */
  public boolean regain(int entry, int tier) {
    return condemned.remove(new Condemned(entry, tier, false, true));
  }

  /** Forgets that a block is in a tier which is elsewhere too, and not in use. */
  public void leave(int entry, int tier) {
    space.condemn(entry, tier);
    space.abandon(entry, tier);
  }

  private void buryCondemned() {
    for (int left = condemned.size(); left > 0; left--) {
      Condemned next = condemned.remove();
      if (index.pinned(next.entry)) {
        condemned.add(next);
      } else {
        bury(next);
      }
    }
  }

  private void bury(Condemned next) {
    if (next.spoilt) {
      space.quarantine(next.entry, next.tier);
    } else {
      space.abandon(next.entry, next.tier);
    }
  }

  /** {@return whether a fetch leaves a block of {@code tier} in the hub} */
  public boolean promotes(int tier) {
    return space.promotion(tier) != Promotion.NEVER;
  }

  /** Lets go of blocks that came into the hub for several fetches, and are to stay below it. */
  void dropShared(TransferPlan plan) {
    for (Hop hop : plan.hops().reversed()) {
      boolean guests = hop.kind() == Hop.Kind.LOAD && !promotes(hop.tier());
      for (int i = hop.size() - 1; i >= 0 && guests; i--) {
        int entry = hop.entries()[i];
        if (index.slot(entry, Space.HUB) == hop.hubSlots()[i] && index.ready(entry, Space.HUB)) {
          space.leaveHub(entry);
        }
      }
    }
  }

  private static int entry(HopRun run, int i) {
    return run.hop.entries()[run.moving[i]];
  }

  private static int position(HopRun run, int i) {
    return run.hop.positions()[run.moving[i]];
  }
}
