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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private final Planner planner = new Planner(3);

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
    Planner patient = new Planner(3, 4);
    var held = new Held(upTo(5), new int[5], new int[] {9, 8, 7, 6, 5});
    TransferPlan lone = patient.fetch(held, reservation(0), List.of());
    assertArrayEquals(new int[] {9, 8, 7, 6}, lone.hops().get(0).hubSlots());
    assertArrayEquals(new int[] {5}, lone.hops().get(1).hubSlots());
    var below = new Held(upTo(4), new int[] {1, 1, 1, 1}, new int[] {19, 20, 21, 22});
    TransferPlan loaded = patient.fetch(below, reservation(4), List.of());
    assertEquals(
        List.of(Kind.LOAD, Kind.SCATTER, Kind.LOAD, Kind.SCATTER), kinds(loaded), "3 and 1");
    assertThrows(IllegalArgumentException.class, () -> new Planner(3, 2));
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

  @Test
  void refusesPlansThatCannotEndAndHopsOfNothing() {
    int[] none = {};
    var hop = new Hop(Kind.LOAD, 1, Hop.WHOLE, new int[] {0}, none, none, none, none);
    assertThrows(IllegalArgumentException.class, () -> new TransferPlan(List.of(hop)));
    assertThrows(IllegalArgumentException.class, () -> new Planner(0));
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
