package io.pagoda.node.bench;

import io.pagoda.node.bench.GpuBench.Way;
import io.pagoda.spi.tier.BatchResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/* A bus that others use too is slower for seconds at a time. What is compared is measured in the
 * same rounds, so that it is slower for all alike; who begins a round changes. */

/**
 * Lets ways to copy the same bytes have turns.
 *
 * @param way in which direction, or both at once
 * @param bytes how many each of them copies in each direction
 * @param rounds how many turns each has
 * @param clock tells nanoseconds
 */
record GpuRounds(Way way, long bytes, int rounds, LongSupplier clock) {
  private static final int WARM_UPS = 2;
  private static final double GIGA = 1e9;

  /** Of the best rate what a way misses that is not worth more than one turn. */
  private static final double SLOW = 0.5;

  GpuRounds(Way way, long bytes, int rounds) {
    this(way, bytes, rounds, System::nanoTime);
  }

  /** Starts copies of all blocks in, or out. */
  interface Copy {
    CompletableFuture<BatchResult> start(boolean in);
  }

  /** {@return of each way its rates by round, in 10<sup>9</sup> bytes per second, summed} */
  List<List<Double>> rates(List<Copy> copies) {
    List<Double> warm = List.of();
    for (int round = 0; round < WARM_UPS; round++) {
      warm = copies.stream().map(this::rate).toList();
    }
    double best = Collections.max(warm);
    List<List<Double>> rates = new ArrayList<>();
    copies.forEach(_ -> rates.add(new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      for (int turn = 0; turn < copies.size(); turn++) {
        int which = (round + turn) % copies.size();
        if (round == 0 || warm.get(which) > SLOW * best) {
          rates.get(which).add(rate(copies.get(which)));
        }
      }
    }
    return rates;
  }

  private double rate(Copy copy) {
    long start = clock.getAsLong();
    List<CompletableFuture<BatchResult>> running = new ArrayList<>();
    if (way.in()) {
      running.add(copy.start(true));
    }
    if (way.out()) {
      running.add(copy.start(false));
    }
    running.forEach(GpuSet::check);
    return way.times() * bytes / GIGA / ((clock.getAsLong() - start) / GIGA);
  }
}
