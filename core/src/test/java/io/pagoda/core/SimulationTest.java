package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Budget;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Sections.Section;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.run.Checksums;
import io.pagoda.core.space.Policies;
import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.tier.BlockBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The whole engine under faults, cancels and every order of completions. */
class SimulationTest {
  private static final int STEPS = Integer.getInteger("pagoda.simulation.steps", 100_000);
  private static final int STEPS_EACH = 1_000;
  private static final List<Promotion> PROMOTIONS = List.of(Promotion.values());

  private final long firstSeed = Long.getLong("pagoda.seed", System.nanoTime());

  @Test
  void indexSpaceAndTiersAgreeAfterEveryStep() {
    long right = 0;
    revived = 0;
    discovered = 0;
    for (int i = 0; i < STEPS / STEPS_EACH; i++) {
      right += simulate(firstSeed + i, new Checksums(), Policies.LRU);
    }
    assertTrue(revived > STEPS / 1_000, "Too few blocks came back to prove anything: " + revived);
    assertTrue(discovered > STEPS / 1_000, "Too few blocks were others': " + discovered);
    assertTrue(right > STEPS / 100, "Too few blocks were fetched to prove anything: " + right);
  }

  @Test
  void catchesAnEngineThatPublishesWithoutVerifying() {
    var blind = new Checksums() {
      @Override
      public boolean verify(BlockBatch batch, int index, Section section, int sealed) {
        return true;
      }
    };
    assertThrows(AssertionError.class, () -> simulateMany(blind, Policies.LRU));
  }

  /** What it names is only asked for: without that, bytes would change under who reads them. */
  @Test
  void survivesAPolicyThatNamesWhatIsInUse() {
    simulateMany(new Checksums(), slots -> new Reckless(Policies.LRU.create(slots)));
  }

  /** A policy that fails costs its order, and nothing else. */
  @Test
  void survivesAPolicyThatThrowsOrNamesWhatItWasNotGiven() {
    for (int i = 0; i < 50; i++) {
      simulateFailing(firstSeed + i);
    }
  }

  /** A block was put again, with other bytes, while it waited to be spilled. */
  @Test
  void whatIsSpilledLateIsSealedWithItsOwnBytes() {
    simulateFailing(30_052_606_423_164L);
  }

  /** Everything was dropped while a scrub hung, and with it what waited for its answer, twice. */
  @Test
  void whatIsCondemnedIsNotDroppedAgain() {
    simulateFailing(63_500_150_587_564L);
  }

  /** A seed alone repeats what happens. */
  private void simulateFailing(long seed) {
    var random = new SplittableRandom(seed);
    Policies failing = slots -> new Failing(Policies.LRU.create(slots), random.nextInt(200));
    simulate(seed, new Checksums(), failing);
  }

  private long revived;
  private long discovered;

  private void simulateMany(Checksums checksums, Policies policies) {
    for (int i = 0; i < 50; i++) {
      simulate(firstSeed + i, checksums, policies);
    }
  }

  private long simulate(long seed, Checksums checksums, Policies policies) {
    try (var simulation = new Simulation(seed, edges(seed), checksums, policies)) {
      simulation.run(STEPS_EACH);
      simulation.finish();
      revived += simulation.revived;
      discovered += simulation.discovered;
      return simulation.rightBlocks;
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("Repeat with -Dpagoda.seed=" + seed, e);
    }
  }

  /** One to three colder tiers as a rule, none now and then, with every policy on its road. */
  private static List<Edge> edges(long seed) {
    var random = new SplittableRandom(~seed);
    List<Edge> edges = new ArrayList<>();
    int count = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(5) / 2;
    for (int i = 0; i < count; i++) {
      edges.add(
          new Edge(
              "colder" + i, random.nextBoolean() ? WritePolicy.BACK : WritePolicy.THROUGH,
              PROMOTIONS.get(random.nextInt(3)), admission(random.nextInt(4))));
    }
    return edges;
  }

  /** Hops wait for what others have taken of a budget, and all comes to an end. */
  @Test
  void agreesWhenRoadsHaveBudgets() {
    for (int i = 0; i < 50; i++) {
      long seed = firstSeed + i;
      List<Edge> edges = edges(seed).stream().map(edge -> thrifty(edge, seed)).toList();
      try (var simulation = new Simulation(seed, edges, new Checksums(), Policies.LRU)) {
        simulation.run(STEPS_EACH);
        simulation.finish();
      } catch (AssertionError e) {
        throw new AssertionError("Repeat with -Dpagoda.seed=" + seed, e);
      }
    }
  }

  private static Edge thrifty(Edge edge, long seed) {
    var random = new SplittableRandom(seed ^ edge.to().hashCode());
    var budget = new Budget(random.nextLong(3) * 10_000, random.nextLong(3) * 100_000);
    return new Edge(
        edge.to(), edge.write(), edge.promotion(), edge.admission(), edge.writePrice(), budget);
  }

  private static Admission admission(int draw) {
    return switch (draw) {
      case 0 -> Admission.SECOND_TOUCH;
      case 3 -> Admission.EXPECTED_VALUE;
      default -> Admission.ALL;
    };
  }

  /** Fails after so many calls, and ever after. */
  private static final class Failing implements EvictionPolicy {
    private final EvictionPolicy policy;
    private int callsLeft;

    Failing(EvictionPolicy policy, int callsLeft) {
      this.policy = policy;
      this.callsLeft = callsLeft;
    }

    private void call() {
      if (callsLeft-- <= 0) {
        throw new UnsupportedOperationException("a policy's fault");
      }
    }

    @Override
    public void admitted(int slot, long identity, int depth) {
      call();
      policy.admitted(slot, identity, depth);
    }

    @Override
    public void touched(int slot) {
      call();
      policy.touched(slot);
    }

    @Override
    public void removed(int slot) {
      call();
      policy.removed(slot);
    }

    @Override
    public int coldest(Evictable evictable) {
      if (callsLeft % 2 == 1) {
        return 1 << 20;
      }
      call();
      return policy.coldest(evictable);
    }
  }

  /** Ignores what may go. */
  private record Reckless(EvictionPolicy policy) implements EvictionPolicy {
    @Override
    public void admitted(int slot, long identity, int depth) {
      policy.admitted(slot, identity, depth);
    }

    @Override
    public void touched(int slot) {
      policy.touched(slot);
    }

    @Override
    public void removed(int slot) {
      policy.removed(slot);
    }

    @Override
    public int coldest(Evictable evictable) {
      return policy.coldest(_ -> true);
    }
  }
}
