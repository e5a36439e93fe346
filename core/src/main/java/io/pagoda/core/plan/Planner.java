package io.pagoda.core.plan;

import io.pagoda.core.plan.Hop.Kind;
import io.pagoda.core.space.Reservation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Turns what is where and what is wanted into hops. Space was found before; nothing is asked of
 * anybody here, and equal arguments give equal plans.
 *
 * <p>Blocks that travel alike and stand next to each other in the request share a hop, up to a
 * limit, so that one piece of a long prefix is copied while the next is still being read. What a
 * tier keeps together is not torn apart for the limit's sake.
 */
public final class Planner {
  private static final int[] AT_ONCE = {};

  private final int hopBlocks;
  private final int loneBlocks;
  private final Groups groups;

  /**
   * Creates a planner.
   *
   * @param hopBlocks how many whole blocks a hop has at most, at least 1
   * @param groups what belongs together; a group may have more than that
   */
  public Planner(int hopBlocks, Groups groups) {
    this(hopBlocks, hopBlocks, groups);
  }

  /**
   * Creates a planner.
   *
   * @param hopBlocks how many whole blocks a hop has at most, at least 1
   * @param loneBlocks how many if nothing comes before it or after it that it could overlap with
   * @param groups what belongs together; a group may have more than that
   */
  public Planner(int hopBlocks, int loneBlocks, Groups groups) {
    if (hopBlocks < 1 || loneBlocks < hopBlocks) {
      throw new IllegalArgumentException(
          "A hop has at least 1 block, and a lone one no fewer than others: %d, %d"
              .formatted(hopBlocks, loneBlocks));
    }
    this.hopBlocks = hopBlocks;
    this.loneBlocks = loneBlocks;
    this.groups = groups;
  }

  /** {@return one that knows the same groups, and has hops of other lengths} */
  public Planner withHops(int blocks, int lone) {
    return new Planner(blocks, lone, groups);
  }

  /**
   * Plans a fetch: what is below the hub is loaded into reserved slots of it, and everything is
   * scattered into the caller's memory.
   *
   * @param held where each block of the prefix is
   * @param reservation slots of the hub, at least one for each block that is below it
   * @param copies what else is to be written below the hub, for each tier
   */
  public TransferPlan fetch(Held held, Reservation reservation, List<Copies> copies) {
    List<Hop> hops = new ArrayList<>();
    Route route = route(hops, held, reservation);
    for (Run run : runs(held.tiers(), held.entries(), route.waits, limit(reservation, copies))) {
      bring(hops, run, Hop.WHOLE, held, route, AT_ONCE);
    }
    copies.forEach(copy -> addCopies(hops, copy, AT_ONCE));
    return new TransferPlan(hops);
  }

  /** {@return how many blocks a hop has: more where all are in the hub, and only go to the pool} */
  private int limit(Reservation reservation, List<Copies> copies) {
    return reservation.size() == 0 && copies.isEmpty() ? loneBlocks : hopBlocks;
  }

  /**
   * Plans a fetch whose blocks arrive in sections, the first section of all of them first.
   *
   * @param held where each block of the prefix is
   * @param reservation slots of the hub, at least one for each block that is below it
   * @param sections how many sections a block has
   * @param copies what else is to be written below the hub, for each tier
   * @param undivided which tiers bring whole blocks only
   */
  public TransferPlan fetchInSections(
      Held held, Reservation reservation, int sections, List<Copies> copies,
      IntPredicate undivided) {
    List<Hop> hops = new ArrayList<>();
    Route route = route(hops, held, reservation);
    int limit = Math.multiplyExact(hopBlocks, sections);
    List<Run> runs = runs(held.tiers(), held.entries(), route.waits, limit);
    int[][] before = new int[runs.size()][];
    Arrays.fill(before, AT_ONCE);
    for (int section = 0; section < sections; section++) {
      for (int i = 0; i < before.length; i++) {
        if (undivided.test(held.tiers()[runs.get(i).from])) {
          bringUndivided(hops, runs.get(i), section, held, route, before[i]);
        } else {
          bring(hops, runs.get(i), section, held, route, before[i]);
        }
        before[i] = new int[] {hops.size() - 1};
      }
    }
    copies.forEach(copy -> addCopies(hops, copy, AT_ONCE));
    return new TransferPlan(hops);
  }

  /**
   * Plans to have blocks in the hub: what is below it is loaded into reserved slots.
   *
   * @param held where each block of the prefix is
   * @param reservation slots of the hub, at least one for each block that is below it
   */
  public TransferPlan load(Held held, Reservation reservation) {
    List<Hop> hops = new ArrayList<>();
    Route route = route(hops, held, reservation);
    for (Run run : runs(held.tiers(), held.entries(), route.waits, hopBlocks)) {
      if (held.tiers()[run.from] != 0) {
        load(hops, run, Hop.WHOLE, held, route);
      }
    }
    return new TransferPlan(hops);
  }

  /** Adds the hops that bring a run of blocks to the caller; the last of them is the scatter. */
  private static void bring(
      List<Hop> hops, Run run, int section, Held held, Route route, int[] before) {
    int[] after = before;
    if (held.tiers()[run.from] != 0) {
      load(hops, run, section, held, route);
      after = Arrays.copyOf(before, before.length + 1);
      after[before.length] = hops.size() - 1;
    }
    scatter(hops, run, section, held, route, after);
  }

  /** As {@link #bring} of a section; the whole blocks come before the first of them. */
  private static void bringUndivided(
      List<Hop> hops, Run run, int section, Held held, Route route, int[] before) {
    int[] after = before;
    if (section == 0) {
      load(hops, run, Hop.WHOLE, held, route);
      after = new int[] {hops.size() - 1};
    }
    scatter(hops, run, section, held, route, after);
  }

  private static void scatter(
      List<Hop> hops, Run run, int section, Held held, Route route, int[] after) {
    hops.add(
        run.hop(
            Kind.SCATTER, Hop.POOL, section, after,
            new Blocks(route.positions, held.entries(), route.positions, route.hubSlots)));
  }

  private static void load(List<Hop> hops, Run run, int section, Held held, Route route) {
    hops.add(
        run.hop(
            Kind.LOAD, held.tiers()[run.from], section, run.waitFor(route.waits),
            new Blocks(route.positions, held.entries(), held.slots(), route.hubSlots)));
  }

  /**
   * Plans a put: what is new is gathered from the caller's memory into reserved slots of the hub.
   *
   * @param wanted which blocks are new, and where they stand in the request
   * @param reservation one slot of the hub for each of them
   * @param copies what else is to be written below the hub, for each tier
   */
  public TransferPlan put(Wanted wanted, Reservation reservation, List<Copies> copies) {
    List<Hop> hops = new ArrayList<>();
    int[] spills = addSpills(hops, reservation);
    int[] waits = new int[wanted.size()];
    Arrays.setAll(waits, i -> emptying(reservation, spills, i));
    int[] gathers = new int[wanted.size()];
    int limit = reservation.spills().size() == 0 && copies.isEmpty() ? loneBlocks : hopBlocks;
    for (Run run : runs(new int[wanted.size()], wanted.entries(), waits, limit)) {
      Arrays.fill(gathers, run.from, run.to, hops.size());
      hops.add(
          run.hop(
              Kind.GATHER, Hop.POOL, Hop.WHOLE, run.waitFor(waits), new Blocks(
                  wanted.positions(), wanted.entries(), wanted.positions(), reservation.slots())));
    }
    copies.forEach(copy -> addCopies(hops, copy, gathers));
    return new TransferPlan(hops);
  }

  private void addCopies(List<Hop> hops, Copies copies, int[] gathers) {
    int[] waits = new int[copies.size()];
    for (int i = 0; i < copies.size(); i++) {
      int source = copies.gathered()[i];
      waits[i] = source == Copies.IN_HUB ? Reservation.EMPTY : gathers[source];
    }
    int[] tiers = new int[copies.size()];
    Arrays.fill(tiers, copies.tier());
    for (Run run : runs(tiers, copies.entries(), waits, hopBlocks)) {
      hops.add(
          run.hop(
              Kind.STORE, copies.tier(), Hop.WHOLE, run.waitFor(waits),
              new Blocks(copies.positions(), copies.entries(), copies.slots(), copies.hubSlots())));
    }
  }

  /**
   * How the blocks of a fetch come through the hub.
   *
   * @param positions each block's number
   * @param hubSlots its slot of the hub
   * @param waits the hop that empties that slot, or {@link Reservation#EMPTY}
   */
  private record Route(int[] positions, int[] hubSlots, int[] waits) {}

  private Route route(List<Hop> hops, Held held, Reservation reservation) {
    int[] spills = addSpills(hops, reservation);
    int[] positions = new int[held.size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = i;
    }
    if (reservation.size() == 0) {
      int[] alike = held.tiers(); // everything is in the hub, and waits for nothing
      return new Route(positions, held.slots(), alike);
    }
    int[] hubSlots = new int[held.size()];
    int[] waits = new int[held.size()];
    int used = 0;
    for (int i = 0; i < held.size(); i++) {
      boolean inHub = held.tiers()[i] == 0;
      waits[i] = inHub ? Reservation.EMPTY : emptying(reservation, spills, used);
      hubSlots[i] = inHub ? held.slots()[i] : reservation.slots()[used++];
    }
    return new Route(positions, hubSlots, waits);
  }

  /** Adds the hops that empty reserved slots; returns for each spill which hop that is. */
  private int[] addSpills(List<Hop> hops, Reservation reservation) {
    Reservation.Spills spills = reservation.spills();
    int[] hopOf = new int[spills.size()];
    int[] nobody = new int[spills.size()];
    Arrays.fill(nobody, Hop.NOBODY);
    for (Run run : runs(spills.tiers(), spills.entries(), nobody, hopBlocks)) {
      Arrays.fill(hopOf, run.from, run.to, hops.size());
      hops.add(
          run.hop(
              Kind.SPILL, spills.tiers()[run.from], Hop.WHOLE, AT_ONCE,
              new Blocks(nobody, spills.entries(), spills.slots(), spills.hubSlots())));
    }
    return hopOf;
  }

  private static int emptying(Reservation reservation, int[] spills, int index) {
    int spill = reservation.spill()[index];
    return spill == Reservation.EMPTY ? Reservation.EMPTY : spills[spill];
  }

  /**
   * Returns the longest runs of equal tiers and equal waits, none longer than the limit; but rather
   * than to tear a group apart one ends before it, and one that has nothing before it after it.
   */
  private List<Run> runs(int[] tiers, int[] entries, int[] waits, int limit) {
    List<Run> runs = new ArrayList<>();
    for (int from = 0; from < tiers.length;) {
      int to = end(from, tiers, entries, waits, limit);
      runs.add(new Run(from, to));
      from = to;
    }
    return runs;
  }

  private int end(int from, int[] tiers, int[] entries, int[] waits, int limit) {
    int border = from;
    int to = from + 1;
    for (; to < tiers.length && tiers[to] == tiers[from]; to++) {
      if (!groups.share(tiers[to], entries[to - 1], entries[to])) {
        border = to;
      }
      boolean ends = to - from >= limit || waits[to] != waits[to - 1];
      if (ends && border > from) {
        return border;
      }
    }
    return to;
  }

  /** What a hop says of its blocks. */
  private record Blocks(int[] positions, int[] entries, int[] slots, int[] hubSlots) {}

  /** Consecutive blocks that travel alike. */
  private record Run(int from, int to) {
    Hop hop(Kind kind, int tier, int section, int[] after, Blocks all) {
      return new Hop(
          kind, tier, section, after, mine(all.positions), mine(all.entries), mine(all.slots),
          mine(all.hubSlots));
    }

    /** {@return the hops that blocks of the run wait for} */
    int[] waitFor(int[] waits) {
      for (int i = from + 1; i < to; i++) {
        if (waits[i] != waits[from]) {
          return Arrays.stream(waits, from, to)
              .filter(hop -> hop != Reservation.EMPTY)
              .distinct()
              .toArray();
        }
      }
      return waits[from] == Reservation.EMPTY ? AT_ONCE : new int[] {waits[from]};
    }

    private int[] mine(int[] all) {
      return from == 0 && to == all.length ? all : Arrays.copyOfRange(all, from, to);
    }
  }
}
