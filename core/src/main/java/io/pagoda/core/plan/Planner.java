package io.pagoda.core.plan;

import io.pagoda.core.plan.Hop.Kind;
import io.pagoda.core.space.Reservation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns what is where and what is wanted into hops. Space was found before; nothing is asked of
 * anybody here, and equal arguments give equal plans.
 *
 * <p>Blocks that travel alike and stand next to each other in the request share a hop, up to a
 * limit, so that one piece of a long prefix is copied while the next is still being read.
 */
public final class Planner {
  private static final int[] AT_ONCE = {};

  private final int hopBlocks;

  /**
   * Creates a planner.
   *
   * @param hopBlocks how many blocks a hop has at most, at least 1
   */
  public Planner(int hopBlocks) {
    if (hopBlocks < 1) {
      throw new IllegalArgumentException("A hop has at least 1 block, not " + hopBlocks);
    }
    this.hopBlocks = hopBlocks;
  }

  /**
   * Plans a fetch: what is below the hub is loaded into reserved slots of it, and everything is
   * scattered into the caller's memory.
   *
   * @param held where each block of the prefix is
   * @param reservation slots of the hub, at least one for each block that is below it
   * @param pool the pool block for each block
   */
  public TransferPlan fetch(Held held, Reservation reservation, int[] pool) {
    List<Hop> hops = new ArrayList<>();
    var spills = new SpillHops(hops, reservation);
    int[] hubSlots = new int[held.size()];
    int[] waits = new int[held.size()];
    int used = 0;
    for (int i = 0; i < held.size(); i++) {
      boolean inHub = held.tiers()[i] == 0;
      waits[i] = inHub ? SpillHops.NOTHING : spills.emptying(used);
      hubSlots[i] = inHub ? held.slots()[i] : reservation.slots()[used++];
    }
    int[] positions = upTo(held.size());
    for (int from = 0; from < held.size();) {
      int to = endOfRun(from, held.size(), held.tiers(), waits);
      int[] after = AT_ONCE;
      if (held.tiers()[from] != 0) {
        hops.add(
            hop(Kind.LOAD, held.tiers()[from], waitFor(waits[from]), from, to)
                .of(positions, held.entries(), held.slots(), hubSlots));
        after = new int[] {hops.size() - 1};
      }
      hops.add(
          hop(Kind.SCATTER, Hop.POOL, after, from, to)
              .of(positions, held.entries(), pool, hubSlots));
      from = to;
    }
    return new TransferPlan(hops);
  }

  /**
   * Plans a put: what is new is gathered from the caller's memory into reserved slots of the hub.
   *
   * @param wanted which blocks are new, where they stand in the request and in the pool
   * @param reservation one slot of the hub for each of them
   * @param copies what else is to be written below the hub, for each tier
   */
  public TransferPlan put(Wanted wanted, Reservation reservation, List<Copies> copies) {
    List<Hop> hops = new ArrayList<>();
    var spills = new SpillHops(hops, reservation);
    int[] waits = new int[wanted.size()];
    int[] same = new int[wanted.size()];
    for (int i = 0; i < wanted.size(); i++) {
      waits[i] = spills.emptying(i);
    }
    int[] gathers = new int[wanted.size()];
    for (int from = 0; from < wanted.size();) {
      int to = endOfRun(from, wanted.size(), same, waits);
      Arrays.fill(gathers, from, to, hops.size());
      hops.add(
          hop(Kind.GATHER, Hop.POOL, waitFor(waits[from]), from, to)
              .of(wanted.positions(), wanted.entries(), wanted.pool(), reservation.slots()));
      from = to;
    }
    for (Copies copy : copies) {
      addCopies(hops, copy, gathers);
    }
    return new TransferPlan(hops);
  }

  private void addCopies(List<Hop> hops, Copies copies, int[] gathers) {
    int[] waits = new int[copies.size()];
    int[] same = new int[copies.size()];
    for (int i = 0; i < copies.size(); i++) {
      int source = copies.gathered()[i];
      waits[i] = source == Copies.IN_HUB ? SpillHops.NOTHING : gathers[source];
    }
    for (int from = 0; from < copies.size();) {
      int to = endOfRun(from, copies.size(), same, waits);
      hops.add(
          hop(Kind.STORE, copies.tier(), waitFor(waits[from]), from, to)
              .of(copies.positions(), copies.entries(), copies.slots(), copies.hubSlots()));
      from = to;
    }
  }

  private int endOfRun(int from, int size, int[] tiers, int[] waits) {
    int limit = Math.min(size, from + hopBlocks);
    int to = from + 1;
    while (to < limit && tiers[to] == tiers[from] && waits[to] == waits[from]) {
      to++;
    }
    return to;
  }

  private static int[] waitFor(int hop) {
    return hop == SpillHops.NOTHING ? AT_ONCE : new int[] {hop};
  }

  private static int[] upTo(int size) {
    int[] numbers = new int[size];
    Arrays.setAll(numbers, i -> i);
    return numbers;
  }

  private static HopRange hop(Kind kind, int tier, int[] after, int from, int to) {
    return new HopRange(kind, tier, after, from, to);
  }

  /** A hop but for its arrays, of which it takes a range. */
  private record HopRange(Kind kind, int tier, int[] after, int from, int to) {
    Hop of(int[] positions, int[] entries, int[] slots, int[] hubSlots) {
      return new Hop(
          kind, tier, after, Arrays.copyOfRange(positions, from, to),
          Arrays.copyOfRange(entries, from, to), Arrays.copyOfRange(slots, from, to),
          Arrays.copyOfRange(hubSlots, from, to));
    }
  }

  /** The hops that empty reserved slots, which come first in their plan. */
  private final class SpillHops {
    static final int NOTHING = -1;

    private final int ready;
    private final int[] hopOf;

    SpillHops(List<Hop> hops, Reservation reservation) {
      Reservation.Spills spills = reservation.spills();
      ready = reservation.ready();
      hopOf = new int[spills.size()];
      int[] nobody = new int[spills.size()];
      Arrays.fill(nobody, Hop.NOBODY);
      for (int from = 0; from < spills.size();) {
        int to = endOfRun(from, spills.size(), spills.tiers(), nobody);
        Arrays.fill(hopOf, from, to, hops.size());
        hops.add(
            hop(Kind.SPILL, spills.tiers()[from], AT_ONCE, from, to)
                .of(nobody, spills.entries(), spills.slots(), spills.hubSlots()));
        from = to;
      }
    }

    /** {@return the hop that empties the reserved slot at {@code index}, or {@link #NOTHING}} */
    int emptying(int index) {
      return index < ready ? NOTHING : hopOf[index - ready];
    }
  }
}
