package io.pagoda.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.plan.Hop;
import io.pagoda.core.plan.Hop.Kind;
import io.pagoda.core.plan.TransferPlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The order in which hops become ready. */
class PlanRunTest {
  private static final int[] NONE = {};

  private static Hop hop(int... after) {
    return new Hop(Kind.SPILL, 1, Hop.WHOLE, after, NONE, NONE, NONE, NONE);
  }

  private static PlanRun run(List<Hop> hops) {
    var planned = new Planned(new TransferPlan(hops), List.of(), NONE, 0);
    return new PlanRun(planned, List.of(), Priority.BACKGROUND, 1, 0);
  }

  private static List<Integer> ready(PlanRun run) {
    return IntStream.range(0, run.awaited.length)
        .filter(hop -> run.awaited[hop] == 0)
        .boxed()
        .toList();
  }

  /** Ends a hop; returns those that become ready by that. */
  private static List<Integer> end(PlanRun run, int hop) {
    List<Integer> ready = new ArrayList<>();
    for (int follower : run.followers[hop]) {
      if (--run.awaited[follower] == 0) {
        ready.add(follower);
      }
    }
    return ready;
  }

  @Test
  void aChainOfHopsRunsOneByOne() {
    PlanRun run = run(List.of(hop(), hop(0), hop(1), hop(2)));
    assertEquals(List.of(0), ready(run));
    for (int hop = 0; hop < 3; hop++) {
      assertEquals(List.of(hop + 1), end(run, hop));
    }
    assertEquals(List.of(), end(run, 3));
  }

  @Test
  void aPlanOfNothingHasNothingLeft() {
    assertEquals(0, run(List.of()).hopsLeft);
  }

  /** Whatever the order in which hops end, each starts when all before it have, and once. */
  @Test
  void randomPlansRunAsTheyWouldByLookingAtEverything() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      List<Hop> hops = new ArrayList<>();
      int size = 1 + random.nextInt(30);
      for (int i = 0; i < size; i++) {
        int limit = i;
        hops.add(hop(IntStream.range(0, limit).filter(_ -> random.nextInt(5) == 0).toArray()));
      }
      check(hops, random, "repeat with -Dpagoda.seed=" + seed);
    }
  }

  private static void check(List<Hop> hops, SplittableRandom random, String repeat) {
    PlanRun run = run(hops);
    var ended = new BitSet();
    List<Integer> started = new ArrayList<>(ready(run));
    List<Integer> running = new ArrayList<>(started);
    while (!running.isEmpty()) {
      int hop = running.get(random.nextInt(running.size()));
      running.remove(Integer.valueOf(hop));
      ended.set(hop);
      for (int next : end(run, hop)) {
        for (int before : hops.get(next).after()) {
          assertTrue(ended.get(before), repeat);
        }
        assertTrue(!started.contains(next), repeat);
        started.add(next);
        running.add(next);
      }
      assertEquals(sweep(hops, ended), started.stream().sorted().toList(), repeat);
    }
    assertEquals(hops.size(), ended.cardinality(), repeat);
  }

  /** {@return the hops that may have started, by looking at everything} */
  private static List<Integer> sweep(List<Hop> hops, BitSet ended) {
    return IntStream.range(0, hops.size())
        .filter(hop -> IntStream.of(hops.get(hop).after()).allMatch(ended::get))
        .boxed()
        .toList();
  }
}
