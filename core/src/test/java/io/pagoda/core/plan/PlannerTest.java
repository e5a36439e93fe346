package io.pagoda.core.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.plan.Hop.Kind;
import io.pagoda.core.space.Reservation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private final Planner planner = new Planner(3, Groups.none());

  private static Reservation reservation(int ready, int... spillTiers) {
    int[] slots = IntStream.range(100, 100 + ready + spillTiers.length).toArray();
    int count = spillTiers.length;
    return new Reservation(
        slots, IntStream.range(0, slots.length).map(i -> i < ready ? -1 : i - ready).toArray(),
        new Reservation.Spills(
            IntStream.range(200, 200 + count).toArray(),
            Arrays.copyOfRange(slots, ready, slots.length), spillTiers,
            IntStream.range(300, 300 + count).toArray()));
  }

  private static int[] upTo(int count) {
    return IntStream.range(0, count).toArray();
  }

  private static List<Kind> kinds(TransferPlan plan) {
    return plan.hops().stream().map(Hop::kind).toList();
  }

  @Test
  void whatIsInTheHubIsScatteredAtOnceInPieces() {
    var held = new Held(upTo(5), new int[5], new int[] {9, 8, 7, 6, 5});
    TransferPlan plan = planner.fetch(held, reservation(0), List.of());
    assertEquals(List.of(Kind.SCATTER, Kind.SCATTER), kinds(plan));
    assertArrayEquals(new int[] {9, 8, 7}, plan.hops().get(0).hubSlots());
    assertArrayEquals(new int[] {6, 5}, plan.hops().get(1).hubSlots());
    assertArrayEquals(new int[] {3, 4}, plan.hops().get(1).positions());
    assertEquals(0, plan.hops().get(1).after().length);
  }

  @Test
  void whatOverlapsWithNothingIsOneLongHop() {
    Planner patient = new Planner(3, 4, Groups.none());
    var held = new Held(upTo(5), new int[5], new int[] {9, 8, 7, 6, 5});
    TransferPlan lone = patient.fetch(held, reservation(0), List.of());
    assertArrayEquals(new int[] {9, 8, 7, 6}, lone.hops().get(0).hubSlots());
    assertArrayEquals(new int[] {5}, lone.hops().get(1).hubSlots());
    var below = new Held(upTo(4), new int[] {1, 1, 1, 1}, new int[] {19, 20, 21, 22});
    TransferPlan loaded = patient.fetch(below, reservation(4), List.of());
    assertEquals(
        List.of(Kind.LOAD, Kind.SCATTER, Kind.LOAD, Kind.SCATTER), kinds(loaded), "3 and 1");
    assertThrows(IllegalArgumentException.class, () -> new Planner(3, 2, Groups.none()));
  }

  @Test
  void whatIsBelowIsLoadedFirstAndOnlyWaitsForItsOwnSpill() {
    var held = new Held(upTo(4), new int[] {0, 1, 1, 1}, new int[] {9, 20, 21, 22});
    TransferPlan plan = planner.fetch(held, reservation(2, 1), List.of());
    assertEquals(
        List.of(Kind.SPILL, Kind.SCATTER, Kind.LOAD, Kind.SCATTER, Kind.LOAD, Kind.SCATTER),
        kinds(plan));
    assertArrayEquals(new int[] {}, plan.hops().get(2).after(), "its slots are empty");
    assertArrayEquals(new int[] {0}, plan.hops().get(4).after(), "its slot is being spilled");
    assertArrayEquals(new int[] {4}, plan.hops().get(5).after());
    assertArrayEquals(new int[] {102}, plan.hops().get(5).hubSlots());
  }

  @Test
  void aCopyBelowWaitsForItsGather() {
    var wanted = new Wanted(new int[] {1, 2}, new int[] {11, 12});
    var copies = new Copies(
        2, new int[] {0, 1, 2}, new int[] {10, 11, 12}, new int[] {40, 41, 42},
        new int[] {90, 100, 101}, new int[] {Copies.IN_HUB, 0, 1});
    TransferPlan plan = planner.put(wanted, reservation(2), List.of(copies));
    assertEquals(List.of(Kind.GATHER, Kind.STORE, Kind.STORE), kinds(plan));
    assertArrayEquals(new int[] {}, plan.hops().get(1).after());
    assertArrayEquals(new int[] {0}, plan.hops().get(2).after());
    assertEquals(2, plan.hops().get(2).tier());
  }

  /** Entries are depths here. Gathers end where they did; what a tier keeps together is whole. */
  @Test
  void copiesToATierThatKeepsBlocksTogetherEndWhereAGroupDoes() {
    var grouping = new Planner(10, new Groups(new int[] {1, 1, 4}, IntUnaryOperator.identity()));
    int[] depths = IntStream.range(3, 23).toArray();
    var copies = new Copies(2, upTo(20), depths, upTo(20), upTo(20), upTo(20));
    TransferPlan plan =
        grouping.put(new Wanted(upTo(20), depths), reservation(20), List.of(copies));
    assertEquals(
        List.of(Kind.GATHER, Kind.GATHER, Kind.STORE, Kind.STORE, Kind.STORE), kinds(plan));
    assertArrayEquals(IntStream.range(3, 12).toArray(), plan.hops().get(2).entries());
    assertArrayEquals(new int[] {0}, plan.hops().get(2).after());
    assertArrayEquals(IntStream.range(12, 20).toArray(), plan.hops().get(3).entries());
    assertArrayEquals(new int[] {0, 1}, plan.hops().get(3).after());
    assertArrayEquals(new int[] {20, 21, 22}, plan.hops().get(4).entries());
    assertArrayEquals(new int[] {1}, plan.hops().get(4).after());
  }

  @Test
  void aGroupMayBeLongerThanAHop() {
    var grouping = new Planner(3, new Groups(new int[] {1, 8}, IntUnaryOperator.identity()));
    int[] tiers = new int[20];
    Arrays.fill(tiers, 1);
    TransferPlan plan = grouping.load(new Held(upTo(20), tiers, upTo(20)), reservation(20));
    assertEquals(List.of(8, 8, 4), plan.hops().stream().map(Hop::size).toList());
  }

  /** Whatever begins where, and however long hops are, whole groups stay whole. */
  @Test
  void noGroupIsTornApart() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 2_000; round++) {
      String repeat = "repeat with -Dpagoda.seed=" + seed;
      int group = 1 + random.nextInt(9);
      int most = 1 + random.nextInt(12);
      var groups = new Groups(new int[] {1, group, 1}, IntUnaryOperator.identity());
      int size = 1 + random.nextInt(40);
      int first = random.nextInt(20);
      int[] depths = IntStream.range(first, first + size).toArray();
      var copies = new Copies(1, upTo(size), depths, upTo(size), upTo(size), upTo(size));
      TransferPlan plan = new Planner(most, groups)
          .put(new Wanted(upTo(size), depths), reservation(size), List.of(copies));
      int[] gatheredBy = new int[size];
      int next = 0;
      for (int i = 0; i < plan.hops().size(); i++) {
        Hop hop = plan.hops().get(i);
        for (int position : hop.positions()) {
          if (hop.kind() == Kind.GATHER) {
            gatheredBy[position] = i;
            continue;
          }
          assertEquals(next++, position, repeat);
          int gather = gatheredBy[position];
          assertTrue(Arrays.stream(hop.after()).anyMatch(each -> each == gather), repeat);
        }
        if (hop.kind() == Kind.STORE) {
          int end = first + next;
          assertTrue(hop.size() <= Math.max(most, group), repeat);
          assertTrue(end % group == 0 || end == first + size, repeat);
        }
      }
      assertEquals(size, next, repeat);
    }
  }

  @Test
  void refusesPlansThatCannotEndAndHopsOfNothing() {
    int[] none = {};
    var hop = new Hop(Kind.LOAD, 1, Hop.WHOLE, new int[] {0}, none, none, none, none);
    assertThrows(IllegalArgumentException.class, () -> new TransferPlan(List.of(hop)));
    assertThrows(IllegalArgumentException.class, () -> new Planner(0, Groups.none()));
  }

  /** Every block is moved once, by hops that no earlier hop's blocks are missing from. */
  @Test
  void randomFetchesMoveEachBlockOnceAndInOrder() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 2_000; round++) {
      int size = random.nextInt(20);
      int[] tiers = random.ints(size, 0, 3).toArray();
      int below = (int) Arrays.stream(tiers).filter(tier -> tier > 0).count();
      int ready = below == 0 ? 0 : random.nextInt(below + 1);
      int[] spillTiers = random.ints(below - ready, 1, 3).toArray();
      var held = new Held(upTo(size), tiers, IntStream.range(500, 500 + size).toArray());
      TransferPlan plan = planner.fetch(held, reservation(ready, spillTiers), List.of());
      assertSound(plan, held, ready, "repeat with -Dpagoda.seed=" + seed);
    }
  }

  private static void assertSound(TransferPlan plan, Held held, int ready, String repeat) {
    var loaded = new BitSet();
    var scattered = new BitSet();
    var emptied = new BitSet();
    List<BitSet> slotsEmptiedBy = new ArrayList<>();
    for (Hop hop : plan.hops()) {
      assertTrue(hop.size() >= 1 && hop.size() <= 3, repeat);
      var waitedFor = new BitSet();
      for (int before : hop.after()) {
        waitedFor.or(slotsEmptiedBy.get(before));
      }
      var mine = new BitSet();
      for (int i = 0; i < hop.size(); i++) {
        int position = hop.positions()[i];
        int hubSlot = hop.hubSlots()[i];
        switch (hop.kind()) {
          case SPILL -> emptied.set(hubSlot);
          case LOAD -> {
            assertTrue(hubSlot < 100 + ready || waitedFor.get(hubSlot), repeat);
            assertTrue(!loaded.get(position), repeat);
            loaded.set(position);
          }
          case SCATTER -> {
            assertTrue(held.tiers()[position] == 0 || waitedFor.get(hubSlot), repeat);
            assertTrue(!scattered.get(position), repeat);
            scattered.set(position);
          }
          case STORE, GATHER -> throw new AssertionError("a fetch does not store; " + repeat);
        }
        mine.set(hubSlot);
      }
      slotsEmptiedBy.add(mine);
    }
    assertEquals(held.size(), scattered.cardinality(), repeat);
  }
}
