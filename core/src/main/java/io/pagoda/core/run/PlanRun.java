package io.pagoda.core.run;

import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.TransferPlan;
import io.pagoda.core.pool.PoolMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan on its way, for one task or several.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class PlanRun {
  final TransferPlan plan;
  final Priority priority;

  /** Whose blocks stand at which positions. */
  final List<Piece> pieces;

  /** The entries of the tasks' blocks, by position, and then those of the spills; all pinned. */
  final int[] pinned;

  /** Positions of blocks that are where they were asked to be. */
  final BitSet arrived;

  /** Positions of blocks that will not get there. */
  final BitSet lost;

  /** Positions of blocks whose bytes did not come into the slot of the hub taken for them. */
  final BitSet broken;

  /** Positions of blocks that lack a copy in a tier that is written through. */
  final BitSet uncopied = new BitSet();

  /** Why the last of them does. */
  String copyFailure = "it has no room, or takes no blocks now";

  /** How many hops that fill the hub each position still waits for; nothing if none does. */
  final int[] fills;

  /**
   * How many hops that use its slot of the hub are left for each position, copies apart; nothing if
   * no hop fills the hub.
   */
  final int[] uses;

  /** Positions whose slot of the hub was taken for this plan. */
  final BitSet owned;

  /** How many earlier hops, and blocks that others bring, each hop still waits for. */
  final int[] awaited;

  /** For each hop those that wait for it. */
  final int[][] followers;

  int hopsLeft;

  /** How often tiers had been taken out when it was made. */
  final int rests;

  /**
   * How many hops of each section are not on their way to or from the callers' memory yet; null if
   * nobody asks.
   */
  private final int @Nullable [] unqueued;

  private final BitSet queued = new BitSet();

  /**
   * How many hops to the callers have not ended, by the first of their positions; null if they end
   * in the order of their sections.
   */
  private final int @Nullable [] unscattered;

  /** The only piece, if there are no others. */
  private final @Nullable Piece only;

  PlanRun(Planned planned, List<Task> tasks, Priority priority, int sections, int rests) {
    this.rests = rests;
    this.plan = planned.plan();
    this.priority = priority;
    this.pinned = planned.pinned();
    this.hopsLeft = plan.hops().size();
    this.awaited = new int[hopsLeft];
    this.followers = new int[hopsLeft][];
    this.arrived = new BitSet(planned.positions());
    this.lost = new BitSet(planned.positions());
    this.broken = new BitSet(planned.positions());
    this.owned = new BitSet(planned.positions());
    int counted = fillsHub() ? planned.positions() : 0;
    this.fills = new int[counted];
    this.uses = new int[counted];
    this.pieces = pieces(planned, tasks, sections);
    this.only = pieces.size() == 1 ? pieces.getFirst() : null;
    linkHops();
    plan.hops().forEach(this::expect);
    this.unqueued =
        tasks.stream().anyMatch(task -> task.ordering != null) ? unqueued(sections) : null;
    this.unscattered = ordered() ? unscattered(planned.positions()) : null;
  }

  private int[] unqueued(int sections) {
    int[] counts = new int[sections];
    for (Hop hop : plan.hops()) {
      if (hop.kind().touchesPool()) {
        counts[Math.max(0, hop.section())]++;
      }
    }
    return counts;
  }

  private int[] unscattered(int positions) {
    int[] counts = new int[positions];
    for (Hop hop : plan.hops()) {
      if (hop.kind() == Hop.Kind.SCATTER) {
        counts[hop.positions()[0]]++;
      }
    }
    return counts;
  }

  /** Records that a hop to the callers has ended; returns whether it is its blocks' last. */
  boolean completes(Hop hop, int sections) {
    return unscattered == null
        ? hop.section() == Hop.WHOLE || hop.section() == sections - 1
        : --unscattered[hop.positions()[0]] == 0;
  }

  /** {@return whether a device does what comes in order} */
  boolean ordered() {
    return unqueued != null;
  }

  /** Records that a hop is on its way, or will not be; returns false if that was known. */
  boolean queued(int number) {
    Hop hop = plan.hops().get(number);
    if (unqueued == null || !hop.kind().touchesPool()) {
      return true;
    }
    if (queued.get(number)) {
      return false;
    }
    queued.set(number);
    unqueued[Math.max(0, hop.section())]--;
    return true;
  }

  /** {@return whether every hop of a section is on its way; of all, if it is negative} */
  boolean isQueued(int section) {
    if (unqueued == null) {
      return false;
    }
    return section < 0
        ? Arrays.stream(unqueued).allMatch(left -> left == 0)
        : unqueued[section] == 0;
  }

  private boolean fillsHub() {
    for (Hop hop : plan.hops()) {
      if (hop.kind().fillsHub()) {
        return true;
      }
    }
    return false;
  }

  private List<Piece> pieces(Planned planned, List<Task> tasks, int sections) {
    List<Piece> cut = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < tasks.size(); i++) {
      Taken taken = planned.taken().get(i);
      var piece = new Piece(this, tasks.get(i), from, from + taken.size(), sections);
      for (int position : taken.uncopied()) {
        uncopied.set(from + position);
      }
      tasks.get(i).piece = piece;
      cut.add(piece);
      from = piece.to;
    }
    return cut;
  }

  private void linkHops() {
    int[] counts = new int[awaited.length];
    for (int i = 0; i < awaited.length; i++) {
      int[] after = plan.hops().get(i).after();
      awaited[i] = after.length;
      for (int before : after) {
        counts[before]++;
      }
    }
    for (int i = 0; i < followers.length; i++) {
      followers[i] = new int[counts[i]];
    }
    for (int i = 0; i < followers.length; i++) {
      for (int before : plan.hops().get(i).after()) {
        followers[before][--counts[before]] = i;
      }
    }
  }

  private void expect(Hop hop) {
    if (hop.kind() == Hop.Kind.SPILL || hop.kind() == Hop.Kind.STORE) {
      return;
    }
    if (uses.length > 0) {
      count(hop);
    }
    int[] positions = hop.positions();
    for (int from = 0; from < positions.length;) {
      Piece piece = pieceAt(positions[from]);
      int to = endOf(piece, positions, from);
      if (piece.waitsFor(hop)) {
        piece.expect(hop.section(), to - from);
      }
      from = to;
    }
  }

  private void count(Hop hop) {
    for (int position : hop.positions()) {
      uses[position]++;
      if (hop.kind().fillsHub()) {
        fills[position]++;
        owned.set(position);
      }
    }
  }

  /** {@return the end of the positions from one on, in order, that are a piece's} */
  private int endOf(Piece piece, int[] positions, int from) {
    if (piece == only) {
      return positions.length;
    }
    int to = from + 1;
    while (to < positions.length && positions[to] < piece.to) {
      to++;
    }
    return to;
  }

  /** {@return whether every task waits still, and no block is known to be lost} */
  boolean intact() {
    if (!lost.isEmpty()) {
      return false;
    }
    for (Piece piece : pieces) {
      if (piece.task.ended()) {
        return false;
      }
    }
    return true;
  }

  /** {@return whose blocks a hop moves, in order} */
  List<Piece> piecesOf(Hop hop) {
    if (only != null) {
      return hop.positions()[0] == Hop.NOBODY ? List.of() : pieces;
    }
    List<Piece> some = new ArrayList<>();
    for (int position : hop.positions()) {
      Piece piece = position == Hop.NOBODY ? null : pieceAt(position);
      if (piece != null && (some.isEmpty() || some.getLast() != piece)) {
        some.add(piece);
      }
    }
    return some;
  }

  /** {@return whose block stands at a position} */
  Piece pieceAt(int position) {
    if (only != null) {
      return only;
    }
    int low = 0;
    for (int high = pieces.size() - 1; low < high;) {
      int middle = (low + high) >>> 1;
      if (position < pieces.get(middle).to) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return pieces.get(low);
  }

  /** {@return the blocks of the caller's memory that go with positions of a hop} */
  int[] poolBlocks(Hop hop, int[] moving) {
    if (only != null && moving.length == only.task.poolBlocks.length) {
      return only.task.poolBlocks; // all of the task's blocks, and in its order
    }
    int[] blocks = new int[moving.length];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = poolBlock(hop.positions()[moving[i]]);
    }
    return blocks;
  }

  private int poolBlock(int position) {
    Piece piece = pieceAt(position);
    return piece.task.poolBlocks[piece.at + position - piece.from];
  }

  /** {@return the first hop that copies a block to its caller; any others follow it} */
  int scatterOf(int position) {
    List<Hop> hops = plan.hops();
    for (int number = 0; number < hops.size(); number++) {
      Hop hop = hops.get(number);
      if (hop.kind() == Hop.Kind.SCATTER && Arrays.binarySearch(hop.positions(), position) >= 0) {
        return number;
      }
    }
    throw new IllegalStateException("No hop brings block " + position + " to its caller");
  }

  /** {@return whether its callers' memory is, at least in part, on devices} */
  boolean onDevices() {
    PoolMemory pool = pieces.getFirst().task.pool;
    return pool != null && pool.onDevices();
  }

  /** {@return whether no task waits for the plan any more} */
  boolean unattended() {
    for (Piece piece : pieces) {
      if (!piece.task.ended() && !piece.over()) {
        return false;
      }
    }
    return true;
  }
}
