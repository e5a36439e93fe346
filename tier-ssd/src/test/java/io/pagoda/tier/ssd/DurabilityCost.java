package io.pagoda.tier.ssd;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * What keeping blocks costs: stores of the same blocks in turns, kept and not kept, printed. To be
 * run by hand: {@code java -cp … io.pagoda.tier.ssd.DurabilityCost DIRECTORY}.
 */
final class DurabilityCost {
  private static final SealShape SHAPE = new SealShape(32, 1);
  private static final long SECONDS = Long.getLong("seconds", 3);
  private static final int ROUNDS = Integer.getInteger("rounds", 3);

  private DurabilityCost() {}

  /** Takes the directory to work in. */
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    System.out.printf("%8s %6s %9s %10s %10s%n", "block", "batch", "", "MB/s", "us/batch");
    for (int[] shape : new int[][] {{64 << 10, 1, 1}, {64 << 10, 8, 4}, {1 << 20, 8, 4},
      {4 << 20, 2, 4}}) {
      Map<Durability, double[]> speeds = new EnumMap<>(Durability.class);
      Map<Durability, double[]> waits = new EnumMap<>(Durability.class);
      for (int round = 0; round < ROUNDS; round++) {
        for (Durability durability : Durability.values()) {
          double[] one = measure(root, durability, shape[0], shape[1], shape[2]);
          speeds.computeIfAbsent(durability, _ -> new double[ROUNDS])[round] = one[0];
          waits.computeIfAbsent(durability, _ -> new double[ROUNDS])[round] = one[1];
        }
      }
      speeds.forEach(
          (durability, speed) -> System.out.printf(
              "%7dK %4dx%d %9s %10.0f %10.0f%n", shape[0] >> 10, shape[1], shape[2], durability,
              median(speed), median(waits.getOrDefault(durability, speed))));
    }
  }

  private static double median(double[] of) {
    Arrays.sort(of);
    return of[of.length / 2];
  }

  private static double[] measure(
      Path root, Durability durability, int blockBytes, int batch, int inFlight)
      throws IOException, InterruptedException {
    Path place = Files.createTempDirectory(root, "cost");
    int slots = (int) ((1L << 30) / blockBytes);
    var settings = new SsdSettings(
        List.of(place), slots, blockBytes, Integer.MAX_VALUE, 64, Engine.AUTO, true, true)
        .keeping(durability, OnMismatch.REFUSE);
    try (var tier = SsdTier.open(settings, "cost");
        var arena = Arena.ofShared()) {
      tier.ability(Recoverable.class)
          .ifPresent(keeper -> keeper.recover(SHAPE, (_, _, _, _, _) -> {}));
      MemorySegment memory = arena.allocate((long) blockBytes * batch, 4096);
      store(tier, memory, blockBytes, batch, inFlight, slots, 1_000_000_000L);
      return store(tier, memory, blockBytes, batch, inFlight, slots, SECONDS * 1_000_000_000L);
    } finally {
      SsdTier.open(settings.keeping(Durability.NONE, OnMismatch.REFUSE), "clean").close();
    }
  }

  /** {@return megabytes a second, and microseconds that a batch took} */
  private static double[] store(
      SsdTier tier, MemorySegment memory, int blockBytes, int batch, int inFlight, int slots,
      long ns) throws InterruptedException {
    var room = new Semaphore(inFlight);
    long start = System.nanoTime();
    long stored = 0;
    int next = 0;
    while (System.nanoTime() - start < ns) {
      room.acquire();
      next = next + batch > slots ? 0 : next;
      tier.store(batch(memory, blockBytes, batch, next, slots), result -> {
        if (!(result instanceof BatchResult.Complete)) {
          throw new AssertionError(result);
        }
        room.release();
      });
      next += batch;
      stored++;
    }
    room.acquire(inFlight);
    double took = System.nanoTime() - start;
    return new double[] {stored * batch * (double) blockBytes / took * 1e3,
      took / stored / 1e3 * inFlight};
  }

  /** Scattered slots, as a cache has them. */
  private static BlockBatch batch(
      MemorySegment memory, int blockBytes, int batch, int first, int slots) {
    int[] places = new int[batch];
    long[] offsets = new long[batch];
    for (int i = 0; i < batch; i++) {
      places[i] = (int) ((first + i) * 7919L % slots);
      offsets[i] = (long) i * blockBytes;
    }
    return BlockBatch.of(memory, offsets, places, new long[2 * batch], blockBytes)
        .sealed(new Seals(new long[2 * batch], new int[32 * batch], 32));
  }
}
