package io.pagoda.node.bench;

import com.sun.management.ThreadMXBean;
import io.pagoda.BlockStore;
import io.pagoda.PoolSpec;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Measures what a fetch of blocks in host memory costs beside the copies. A caller's clock starts
 * before the tokens are hashed for {@code match}, and stops when the caller, who waited for the
 * outcome, has it.
 *
 * @param shape the engine's memory; its number of blocks is that of a fetch
 * @param callers how many threads fetch
 * @param fetches how many times each, when warm
 * @param warmUpNanos for how long they fetch before that
 */
public record FetchBench(PoolSpec shape, int callers, int fetches, long warmUpNanos) {
  /** What callers do between fetches. */
  public enum Loop {
    /** They sleep for a while, half of it more or less. */
    PACED,
    /** They fetch again at once. */
    CLOSED
  }

  /** How long a caller thinks between fetches, on average. */
  private static final long THINK_NANOS = 1_000_000;

  /** The same between fetches whose copies take milliseconds: copies are to meet rarely. */
  private static final long LONG_THINK_NANOS = 20_000_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * Measures fetches whose chunks are so small that nothing is subtracted for them, asked for by
   * tokens through a door and by blocks.
   *
   * @param store holds nothing, and has room for every caller's blocks
   */
  public List<BenchResult> overhead(BlockStore store) {
    List<BenchResult> results = new ArrayList<>(measured(store, "fetch.tokens", false));
    results.addAll(measured(store, "fetch.overhead", false));
    return results;
  }

  /**
   * Measures fetches of real chunks. After each, the caller copies as many bytes to the same place
   * itself, and this time is subtracted.
   *
   * @param store holds nothing, and has room for every caller's blocks
   */
  public List<BenchResult> besideCopies(BlockStore store) {
    return measured(store, "fetch.beside-copies", true);
  }

  private List<BenchResult> measured(BlockStore store, String name, boolean copying) {
    boolean byTokens = name.equals("fetch.tokens");
    List<Loop> loops = copying ? List.of(Loop.PACED) : List.of(Loop.values());
    List<FetchCaller> all = new ArrayList<>();
    try {
      for (int i = 0; i < callers; i++) {
        all.add(new FetchCaller(store, shape, i, byTokens));
      }
      run(all, caller -> warmUp(caller, copying));
      List<BenchResult> results = new ArrayList<>();
      for (Loop loop : loops) {
        results.add(measured(all, name, loop, copying));
      }
      return results;
    } finally {
      all.forEach(FetchCaller::close);
    }
  }

  private FetchStamps warmUp(FetchCaller caller, boolean copying) {
    FetchStamps none = new FetchStamps(1);
    long end = System.nanoTime() + warmUpNanos;
    while (System.nanoTime() < end) {
      caller.fetch();
      if (copying) {
        caller.copy();
      }
    }
    return none;
  }

  private BenchResult measured(List<FetchCaller> all, String name, Loop loop, boolean copying) {
    long before = THREADS.getTotalThreadAllocatedBytes();
    List<FetchStamps> stamps = run(all, caller -> fetches(caller, loop, copying));
    double allocated =
        (double) (THREADS.getTotalThreadAllocatedBytes() - before) / callers / fetches;
    long wrong = all.stream().mapToLong(FetchCaller::wrongBytes).sum();
    return result(name, loop, stamps, allocated, wrong);
  }

  private FetchStamps fetches(FetchCaller caller, Loop loop, boolean copying) {
    FetchStamps stamps = new FetchStamps(fetches);
    SplittableRandom random = new SplittableRandom(fetches);
    long think = copying ? LONG_THINK_NANOS : THINK_NANOS;
    for (int i = 0; i < fetches; i++) {
      if (loop == Loop.PACED) {
        LockSupport.parkNanos(random.nextLong(think / 2, think * 3 / 2));
      }
      stamps.take(caller.fetch(), copying ? caller.copy() : 0);
    }
    return stamps;
  }

  private BenchResult result(
      String name, Loop loop, List<FetchStamps> stamps, double allocated, long wrong) {
    boolean copying = name.equals("fetch.beside-copies");
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("callers", callers);
    params.put("loop", loop.name().toLowerCase(Locale.ROOT));
    params.put("blocks", shape.blocks());
    params.put("chunk", BenchResult.size(shape.chunkBytes()));
    long[] sorted = FetchStamps.overheads(stamps);
    Map<String, Double> further = new LinkedHashMap<>();
    further.put("p90_ns", Shares.at(sorted, 0.90));
    further.put("p99_ns", Shares.at(sorted, 0.99));
    further.put("max_ns", Shares.at(sorted, 1));
    if (!copying) {
      further.putAll(FetchStamps.medians(stamps));
      further.put("allocated_bytes", allocated);
    }
    further.put(BenchResult.WRONG_BYTES, (double) wrong);
    return new BenchResult(
        name, params, OptionalDouble.of(Shares.at(sorted, 0.50)), OptionalDouble.empty(),
        copying ? OptionalDouble.of(FetchStamps.share(stamps)) : OptionalDouble.empty(), further);
  }

  /** What a caller does, on a thread of its own, at the same time as the others. */
  @FunctionalInterface
  private interface Work {
    FetchStamps of(FetchCaller caller);
  }

  private static List<FetchStamps> run(List<FetchCaller> callers, Work work) {
    CyclicBarrier together = new CyclicBarrier(callers.size());
    Executor thread = run -> Thread.ofPlatform().name("bench-caller").daemon().start(run);
    List<CompletableFuture<FetchStamps>> running =
        IntStream.range(0, callers.size()).mapToObj(i -> CompletableFuture.supplyAsync(() -> {
          await(together);
          return work.of(callers.get(i));
        }, thread)).toList();
    return running.stream().map(CompletableFuture::join).toList();
  }

  private static void await(CyclicBarrier together) {
    try {
      together.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException("a caller did not come", e);
    }
  }
}
