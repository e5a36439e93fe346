package io.pagoda.node.sim;

import io.pagoda.BlockKeys;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.simulate.PlainCache;
import io.pagoda.core.simulate.Simulated;
import io.pagoda.core.simulate.StoreModel;
import io.pagoda.node.text.Numbers;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Tries policies and capacities on a trace, several at a time.
 *
 * @param trace what is asked
 * @param policies makes those of a name for so many slots; from several threads
 * @param setup what is tried
 */
public record Sim(SimTrace trace, PolicyMaker policies, Setup setup) {
  /** Makes policies. */
  @FunctionalInterface
  public interface PolicyMaker {
    /** {@return a policy for a tier of so many slots, all empty} */
    EvictionPolicy create(String name, int slots);
  }

  /** What a capacity is of. */
  public enum Model {
    /** The engine's own bookkeeping: prefixes are pinned, matched, and evicted leaf-first. */
    STORE,
    /** A cache of blocks that knows of no prefixes, as in papers. */
    PLAIN
  }

  /**
   * What is tried.
   *
   * @param policies names; those of {@link Belady} among them
   * @param capacities of the first tier, in blocks; with those below at most {@value #MOST_BLOCKS}
   * @param model what a capacity is of
   * @param below how many blocks the tier below holds; 0 if there is none
   * @param edge the road to it, if there is one
   * @param costs what blocks cost, if a time to the first token is to be estimated
   * @param threads how many are tried at a time
   */
  public record Setup(
      List<String> policies, List<Integer> capacities, Model model, int below, Optional<Edge> edge,
      Optional<SimCosts> costs, int threads) {
    /** How many blocks both tiers hold at most. */
    public static final int MOST_BLOCKS = 1 << 28;
  }

  /** {@return what came of each policy at each capacity, in the order asked} */
  public List<SimCell> run() {
    Optional<Belady> optimum = setup.policies.stream().anyMatch(Belady.names()::contains)
        ? Optional.of(new Belady(trace))
        : Optional.empty();
    List<Future<SimCell>> cells = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(setup.threads)) {
      for (String policy : setup.policies) {
        for (int capacity : setup.capacities) {
          Callable<SimCell> cell = Belady.names().contains(policy)
              ? () -> optimal(optimum.orElseThrow(), policy, capacity)
              : () -> tried(policy, capacity);
          cells.add(threads.submit(() -> fitting(cell, policy, capacity)));
        }
      }
      return cells.stream().map(Sim::result).toList();
    }
  }

  private SimCell fitting(Callable<SimCell> cell, String policy, int capacity) throws Exception {
    try {
      return cell.call();
    } catch (OutOfMemoryError e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "There is not enough memory to simulate %s with %s blocks, %d simulations at a time: %s"
              .formatted(
                  policy, Numbers.count(capacity + setup.below), setup.threads, e.getMessage()),
          e);
    }
  }

  private static SimCell result(Future<SimCell> cell) {
    try {
      return cell.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while simulating", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** One tier as large as both: two hit no more, which hold some blocks twice. */
  private SimCell optimal(Belady belady, String name, int capacity) {
    long start = System.nanoTime();
    Belady.Ties ties = name.equals("belady") ? Belady.Ties.HEAD_FIRST : Belady.Ties.LEAF_FIRST;
    double ratio = belady.hitRatio(capacity + setup.below, ties);
    return new SimCell(name, capacity, ratio, Optional.empty(), since(start));
  }

  private SimCell tried(String policy, int capacity) {
    Simulated store = store(policy, capacity);
    long start = System.nanoTime();
    for (BlockKeys keys : trace.requests()) {
      store.serve(keys);
    }
    Simulated.Counts counts = store.counts();
    return new SimCell(policy, capacity, counts.hitRatio(), Optional.of(counts), since(start));
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private Simulated store(String policy, int capacity) {
    if (setup.model == Model.PLAIN) {
      return new PlainCache(capacity, policies.create(policy, capacity));
    }
    List<StoreModel.Tier> tiers = new ArrayList<>();
    tiers.add(new StoreModel.Tier("host", capacity, policies.create(policy, capacity)));
    setup.edge.ifPresent(
        edge -> tiers.add(
            new StoreModel.Tier(edge.to(), setup.below, policies.create(policy, setup.below))));
    return new StoreModel(tiers, setup.edge.stream().toList());
  }
}
