package io.pagoda.node.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Measures a tier in object storage: blocks that are stored and loaded several at a time, and
 * look-ups of a long prefix. What it stores stays in the bucket.
 *
 * @param tier its type
 * @param config the configuration that says where its server is
 * @param blocks sizes of blocks
 * @param concurrency how many calls are under way
 * @param together how many consecutive blocks of a prefix a call moves
 * @param rounds how often each has its turn
 * @param turnBytes how much is moved in a turn
 */
public record RemoteBench(
    String tier, Optional<Path> config, List<Long> blocks, int concurrency, int together,
    int rounds, long turnBytes) {
  /** Types of tiers that are measured like this. */
  public static final List<String> TYPES = List.of("s3", "minio");

  private static final int PREFIX = 4096;
  private static final long SMALL = 4096;
  private static final int STORED_TOGETHER = 64;
  private static final int LOOK_UPS = 15;
  private static final int WARM_UPS = 3;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Copies the list. */
  public RemoteBench {
    blocks = List.copyOf(blocks);
  }

  /** Measures everything; {@code progress} is told of each case. */
  public List<BenchResult> run(Consumer<String> progress) {
    List<BenchResult> results = new ArrayList<>();
    for (long blockBytes : blocks) {
      progress.accept("blocks of " + BenchResult.size(blockBytes));
      try (RemoteSet set = RemoteSet.open(tier, config, blockBytes, concurrency * together)) {
        results.addAll(moved(set));
      }
    }
    progress.accept("look-ups of " + PREFIX + " blocks");
    try (RemoteSet set = RemoteSet.open(tier, config, SMALL, STORED_TOGETHER)) {
      results.addAll(lookedUp(set));
    }
    return results;
  }

  /** Keys that nobody has stored: of this moment. */
  private static long[] keys(long moment, int first, int count) {
    long[] keys = new long[2 * count];
    for (int i = 0; i < count; i++) {
      keys[2 * i] = (first + i + 1) * 0x9e3779b97f4a7c15L ^ moment;
      keys[2 * i + 1] = moment;
    }
    return keys;
  }

  /** {@return the keys of the blocks that a call moves} */
  private long[] keys(long moment, int call) {
    return keys(moment, call * together, together);
  }

  private int[] buffers(int lane) {
    return IntStream.range(lane * together, (lane + 1) * together).toArray();
  }

  private List<BenchResult> moved(RemoteSet set) {
    int calls = Math.toIntExact(Math.max(concurrency, turnBytes / set.blockBytes() / together));
    List<Turn> stores = new ArrayList<>();
    List<Turn> loads = new ArrayList<>();
    long wrong = 0;
    for (int round = -WARM_UPS; round < rounds; round++) {
      long moment = System.nanoTime();
      Turn stored = turn(set, calls, i -> to -> set.store(keys(moment, i), 0, to));
      // What came from where is not known after turns: blocks that are compared are stored anew.
      wrong += check(set, moment + 1);
      Turn loaded = turn(set, calls, i -> to -> set.load(keys(moment, i), to));
      for (int buffer = 0; buffer < set.buffers(); buffer++) {
        set.wrong(buffer, buffer);
      }
      if (round >= 0) {
        stores.add(stored);
        loads.add(loaded);
      }
    }
    return List
        .of(result("remote.store", set, stores, 0), result("remote.load", set, loads, wrong));
  }

  /** Stores blocks of all buffers, and loads them into spoilt ones. */
  private long check(RemoteSet set, long moment) {
    long wrong = 0;
    for (int lane = 0; lane < concurrency; lane++) {
      set.store(keys(moment, lane), 0, buffers(lane)).join();
      for (int buffer : buffers(lane)) {
        set.spoil(buffer);
      }
      set.load(keys(moment, lane), buffers(lane)).join();
      for (int buffer : buffers(lane)) {
        wrong += set.wrong(buffer, buffer);
      }
    }
    return wrong;
  }

  /**
   * A turn.
   *
   * @param rate 10<sup>9</sup> bytes per second
   * @param heap bytes of the heap for each block, of all threads
   * @param requests for each block
   */
  private record Turn(double rate, double heap, double requests) {}

  /** Moves blocks between buffers and the tier. */
  private interface Move {
    CompletableFuture<Void> start(int... buffers);
  }

  private Turn turn(RemoteSet set, int calls, IntFunction<Move> moves) {
    var next = new AtomicInteger();
    long heap = THREADS.getTotalThreadAllocatedBytes();
    long requests = set.requests();
    long start = System.nanoTime();
    List<CompletableFuture<Void>> lanes = new ArrayList<>();
    for (int lane = 0; lane < concurrency; lane++) {
      lanes.add(lane(next, calls, moves, buffers(lane)));
    }
    lanes.forEach(CompletableFuture::join);
    double nanos = System.nanoTime() - start;
    double blocks = (double) calls * together;
    return new Turn(
        blocks * set.blockBytes() / nanos, (THREADS.getTotalThreadAllocatedBytes() - heap) / blocks,
        (set.requests() - requests) / blocks);
  }

  private static CompletableFuture<Void> lane(
      AtomicInteger next, int calls, IntFunction<Move> moves, int[] buffers) {
    int call = next.getAndIncrement();
    return call >= calls
        ? CompletableFuture.completedFuture(null)
        : moves.apply(call).start(buffers).thenCompose(_ -> lane(next, calls, moves, buffers));
  }

  private BenchResult result(String name, RemoteSet set, List<Turn> turns, long wrong) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("tier", tier);
    params.put("block", BenchResult.size(set.blockBytes()));
    params.put("concurrency", concurrency);
    params.put("together", together);
    Map<String, Double> further = new LinkedHashMap<>();
    further.put("heap_bytes_per_block", Turns.median(turns.stream().map(Turn::heap).toList()));
    further.put("requests_per_block", Turns.median(turns.stream().map(Turn::requests).toList()));
    further.put(BenchResult.WRONG_BYTES, (double) wrong);
    return new BenchResult(
        name, params, OptionalDouble.empty(),
        OptionalDouble.of(Turns.median(turns.stream().map(Turn::rate).toList())),
        OptionalDouble.empty(), further);
  }

  private List<BenchResult> lookedUp(RemoteSet set) {
    long moment = System.nanoTime();
    long[] keys = keys(moment, 0, PREFIX);
    List<BenchResult> results = new ArrayList<>();
    // That a block is not there is remembered for a moment: other blocks each time.
    results.add(lookedUp(set, "none", () -> keys(System.nanoTime(), 0, PREFIX), 0));
    store(set, keys, 0, PREFIX / 2);
    results.add(lookedUp(set, "half", () -> keys, PREFIX / 2));
    store(set, keys, PREFIX / 2, PREFIX);
    results.add(lookedUp(set, "all", () -> keys, PREFIX));
    return results;
  }

  private static void store(RemoteSet set, long[] keys, int from, int to) {
    int[] buffers = new int[STORED_TOGETHER];
    Arrays.setAll(buffers, i -> i);
    for (int at = from; at < to; at += STORED_TOGETHER) {
      long[] next = Arrays.copyOfRange(keys, 2 * at, 2 * (at + STORED_TOGETHER));
      set.store(next, at, buffers).join();
    }
  }

  private BenchResult lookedUp(RemoteSet set, String there, Supplier<long[]> keys, int expected) {
    List<Double> nanos = new ArrayList<>();
    double requests = 0;
    long wrong = 0;
    for (int i = -WARM_UPS; i < LOOK_UPS; i++) {
      long[] next = keys.get();
      long before = set.requests();
      long start = System.nanoTime();
      int found = set.find(next);
      if (i >= 0) {
        nanos.add((double) (System.nanoTime() - start));
        requests = Math.max(requests, (double) (set.requests() - before));
        wrong += Math.abs(found - expected);
      }
    }
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("tier", tier);
    params.put("prefix", PREFIX);
    params.put("there", there);
    return new BenchResult(
        "remote.look-up", params, OptionalDouble.of(Turns.median(nanos)), OptionalDouble.empty(),
        OptionalDouble.empty(), Map.of("most_requests", requests, "wrong_blocks", (double) wrong));
  }
}
