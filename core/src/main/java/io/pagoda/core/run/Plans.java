package io.pagoda.core.run;

import io.pagoda.core.plan.Copies;
import io.pagoda.core.plan.Held;
import io.pagoda.core.plan.Planner;
import io.pagoda.core.plan.TransferPlan;
import io.pagoda.core.plan.Wanted;
import io.pagoda.core.space.Reservation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntPredicate;

/** Has what was taken for several requests planned as one: their blocks share batches. */
public final class Plans {
  private final Planner planner;
  private final int sections;
  private final IntPredicate undivided;

  /**
   * Creates a maker of plans.
   *
   * @param planner who plans
   * @param sections how many sections a block has
   * @param undivided which tiers bring whole blocks only
   */
  public Plans(Planner planner, int sections, IntPredicate undivided) {
    this.planner = planner;
    this.sections = sections;
    this.undivided = undivided;
  }

  /**
   * Returns one whose hops are as long as devices want them.
   *
   * @param blocks how many blocks a hop has at most, at least 1
   * @param loneBlocks how many if there is nothing that it could overlap with
   */
  Plans withHops(long blocks, long loneBlocks) {
    int most = Math.clamp(blocks, 1, Integer.MAX_VALUE);
    int lone = Math.clamp(loneBlocks, most, Integer.MAX_VALUE);
    return new Plans(planner.withHops(most, lone), sections, undivided);
  }

  /**
   * Plans fetches.
   *
   * @param parts what was taken for each
   * @param inSections whether the first layers of all are to come before the last
   */
  public Planned fetch(List<Taken> parts, boolean inSections) {
    Held held = held(parts);
    Reservation reservation = reservation(parts);
    List<Copies> copies = copies(parts);
    TransferPlan plan = inSections && sections > 1
        ? planner.fetchInSections(held, reservation, sections, copies, undivided)
        : planner.fetch(held, reservation, copies);
    return planned(plan, parts, held.entries(), reservation);
  }

  /** Plans to have blocks in the hub. */
  public Planned load(Taken part) {
    List<Taken> parts = List.of(part);
    Held held = held(parts);
    return planned(
        planner.load(held, part.reservation()), parts, held.entries(), part.reservation());
  }

  /** Plans puts. */
  public Planned put(List<Taken> parts) {
    int[] entries = joined(parts, Taken::entries);
    Reservation reservation = reservation(parts);
    var wanted = new Wanted(new int[reservation.size()], new int[reservation.size()]);
    int position = 0;
    int earlier = 0;
    for (Taken part : parts) {
      for (int i = 0; i < part.size(); i++, position++) {
        int number = part.gathered()[i];
        if (number != Copies.IN_HUB) {
          wanted.positions()[earlier + number] = position;
          wanted.entries()[earlier + number] = entries[position];
        }
      }
      earlier += part.reservation().size();
    }
    TransferPlan plan = planner.put(wanted, reservation, copies(parts));
    return planned(plan, parts, entries, reservation);
  }

  private static Planned planned(
      TransferPlan plan, List<Taken> parts, int[] entries, Reservation reservation) {
    int[] spilled = reservation.spills().entries();
    if (spilled.length == 0) {
      return new Planned(plan, parts, entries, entries.length);
    }
    int[] pinned = Arrays.copyOf(entries, entries.length + spilled.length);
    System.arraycopy(spilled, 0, pinned, entries.length, spilled.length);
    return new Planned(plan, parts, pinned, entries.length);
  }

  private static Held held(List<Taken> parts) {
    return new Held(
        joined(parts, Taken::entries), joined(parts, Taken::tiers), joined(parts, Taken::slots));
  }

  private static Reservation reservation(List<Taken> parts) {
    return Reservation.joined(parts.stream().map(Taken::reservation).toList());
  }

  private static int[] joined(List<Taken> parts, Function<Taken, int[]> which) {
    return parts.size() == 1
        ? which.apply(parts.getFirst())
        : parts.stream().map(which).flatMapToInt(Arrays::stream).toArray();
  }

  /** Joins the copies to each tier, with their places in the whole plan. */
  private static List<Copies> copies(List<Taken> parts) {
    if (parts.size() == 1) {
      return parts.getFirst().copies();
    }
    List<Copies> moved = new ArrayList<>();
    int position = 0;
    int reserved = 0;
    for (Taken part : parts) {
      for (Copies copy : part.copies()) {
        moved.add(copy.movedBy(position, reserved));
      }
      position += part.size();
      reserved += part.reservation().size();
    }
    List<Copies> joined = new ArrayList<>();
    var tiers = new TreeSet<Integer>();
    moved.forEach(copy -> tiers.add(copy.tier()));
    for (int tier : tiers) {
      joined.add(Copies.joined(moved.stream().filter(copy -> copy.tier() == tier).toList()));
    }
    return joined;
  }
}
