package io.pagoda.node.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/* For each pair: the source holds blocks that are known, the target others. Batches move, one after
 * the other, in turns with as many bytes by the plainest means there is - C's memcpy, or a file's
 * reads and writes - which touches neither. Then every block of the target is compared: with what
 * has moved there, or with what was there before. */

/**
 * Measures how fast blocks move between the kinds of places that a machine has, two by two.
 *
 * @param blocks how many each kind has
 * @param blockBytes bytes of each
 * @param perBatch how many move together
 * @param rounds how many batches are timed for each pair, at least 1
 */
record LocalBench(int blocks, long blockBytes, int perBatch, int rounds) {
  private static final int WARM_UP_ROUNDS = 4;
  private static final long NAMES_PER_KIND = 1L << 24;
  private static final long OLD = 1L << 30;

  /**
   * Measures every pair.
   *
   * @param kinds which there are
   * @param hub host memory with room for every block, for ways that need it
   * @param progress told of each pair
   */
  List<BenchResult> run(List<Kind> kinds, MemorySegment hub, Consumer<String> progress) {
    List<BenchResult> results = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment scratch = arena.allocate(blocks * blockBytes, 2 << 20).fill((byte) 1);
      for (Kind from : kinds) {
        long names = NAMES_PER_KIND * kinds.indexOf(from);
        for (int block = 0; block < blocks; block++) {
          from.fill(block, names + block);
        }
        for (Kind to : kinds) {
          if (!from.equals(to)) {
            progress.accept(from.name() + " to " + to.name());
            var route = new Route(from, to, hub, blocks, perBatch);
            results.add(measured(from, to, route, yardstick(from, to, hub, scratch), names));
          }
        }
      }
    }
    return results;
  }

  /** As many bytes, moved by the plainest means. */
  private interface Yardstick {
    void move(int first) throws IOException;
  }

  private record Named(String name, Yardstick yardstick) {}

  private Named yardstick(Kind from, Kind to, MemorySegment hub, MemorySegment scratch) {
    Optional<Kind.Bound> reads = from.bound();
    Optional<Kind.Bound> writes = to.bound();
    if (reads.isPresent()) {
      return new Named(reads.get().name(), first -> reads.get().read(first, perBatch));
    }
    if (writes.isPresent()) {
      return new Named(writes.get().name(), first -> writes.get().write(first, perBatch));
    }
    MemorySegment source = from.memory().orElse(hub);
    return new Named("memcpy", first -> {
      for (long at = first * blockBytes; at < (first + perBatch) * blockBytes; at += blockBytes) {
        MemcpyNative.copy(source.address() + at, scratch.address() + at, blockBytes);
      }
    });
  }

  private BenchResult measured(Kind from, Kind to, Route route, Named bound, long names) {
    for (int block = 0; block < blocks; block++) {
      to.fill(block, OLD + block);
    }
    var times = new Times(new long[rounds], new long[rounds]);
    for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
      int batch = (round + WARM_UP_ROUNDS) % route.batches();
      boolean routeFirst = round % 2 == 0;
      long before = routeFirst ? 0 : timed(bound, batch);
      long start = System.nanoTime();
      route.move(batch);
      long took = System.nanoTime() - start;
      long limit = routeFirst ? timed(bound, batch) : before;
      if (round >= 0) {
        times.route[round] = took;
        times.bound[round] = limit;
      }
    }
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("from", from.name());
    params.put("to", to.name());
    params.put("hops", route.hops());
    params.put("blocks", perBatch);
    params.put("bytes", perBatch * blockBytes);
    params.put("bound", bound.name);
    return result(params, times, wrongBytes(to, route, names));
  }

  /** How long each batch took, on its route and by the yardstick. */
  private record Times(long[] route, long[] bound) {
    /** {@return the median over the rounds of what the yardstick took of the route's time} */
    double ratio() {
      return Turns.median(
          IntStream.range(0, route.length).mapToObj(i -> (double) bound[i] / route[i]).toList());
    }
  }

  private long timed(Named bound, int batch) {
    long start = System.nanoTime();
    try {
      bound.yardstick.move(batch * perBatch);
    } catch (IOException e) {
      throw new UncheckedIOException(bound.name + " failed", e);
    }
    return System.nanoTime() - start;
  }

  /** Compares every block of the target, moved or not. */
  private long wrongBytes(Kind to, Route route, long names) {
    int moved = Math.min(rounds + WARM_UP_ROUNDS, route.batches()) * perBatch;
    long wrong = 0;
    for (int block = 0; block < blocks; block++) {
      int target = route.target(block);
      wrong += to.wrongBytes(target, block < moved ? names + block : OLD + target);
    }
    return wrong;
  }

  private BenchResult result(Map<String, Object> params, Times times, long wrong) {
    double ratio = times.ratio();
    Arrays.sort(times.route);
    Arrays.sort(times.bound);
    double median = Shares.at(times.route, 0.50);
    Map<String, Double> further = new LinkedHashMap<>();
    further.put("p90_ns", Shares.at(times.route, 0.90));
    further.put("p99_ns", Shares.at(times.route, 0.99));
    further.put("max_ns", Shares.at(times.route, 1));
    further.put("bound_gb_per_s", rate(Shares.at(times.bound, 0.50)));
    further.put(BenchResult.WRONG_BYTES, (double) wrong);
    return new BenchResult(
        "local", params, OptionalDouble.of(median), OptionalDouble.of(rate(median)),
        OptionalDouble.of(ratio), further);
  }

  private double rate(double nanos) {
    return perBatch * blockBytes / nanos;
  }
}
