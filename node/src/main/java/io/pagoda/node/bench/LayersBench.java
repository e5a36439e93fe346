package io.pagoda.node.bench;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.LayerListener;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Measures how soon the first layer of a prefix is there that is on a disk, and how soon the last.
 * Two prefixes are fetched in turns; host memory has room for one, so each comes from below.
 *
 * @param shape the engine's memory; its number of blocks is that of a prefix
 * @param rounds how many fetches are timed, when warm
 */
public record LayersBench(PoolSpec shape, int rounds) {
  private static final int WARM_UP = 4;
  private static final int PREFIXES = 2;

  /**
   * Measures fetches of one prefix that tell of layers, and fetches of the other that do not.
   *
   * @param store has room for one prefix in host memory and two below, and holds nothing
   * @param below the name of its second tier
   * @param sections how many sections its blocks have
   */
  public List<BenchResult> run(BlockStore store, String below, int sections) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(shape.bytes(), 2 << 20);
      try (Pool pool = store.register(shape, memory)) {
        for (int prefix = 0; prefix < PREFIXES; prefix++) {
          put(store, pool, memory, prefix);
        }
        var layered = new Rounds(shape.layers(), rounds);
        long[] whole = new long[rounds];
        for (int round = -WARM_UP; round < rounds; round++) {
          long[] times = fetch(store, pool, 0, below, true);
          long[] plain = fetch(store, pool, 1, below, false);
          if (round >= 0) {
            layered.take(round, times);
            whole[round] = plain[shape.layers()];
          }
        }
        long wrong = wrong(store, pool, memory, below);
        return List.of(result(layered, whole, sections, wrong));
      }
    }
  }

  private void put(BlockStore store, Pool pool, MemorySegment memory, int prefix) {
    for (int block = 0; block < shape.blocks(); block++) {
      Words.fill(shape, memory, block, name(prefix, block));
    }
    Job job = store.put(keys(prefix), pool, blocks());
    require(job.outcome().toCompletableFuture().join(), "stored");
    require(job.finished().toCompletableFuture().join(), "written to the disk");
  }

  private long name(int prefix, int block) {
    return (long) prefix * shape.blocks() + block;
  }

  private BlockKeys keys(int prefix) {
    long[] words = new long[2 * shape.blocks()];
    for (int block = 0; block < shape.blocks(); block++) {
      words[2 * block] = prefix + 1L;
      words[2 * block + 1] = (name(prefix, block) + 1) * 0x9E3779B97F4A7C15L;
    }
    return BlockKeys.ofWords(words);
  }

  private int[] blocks() {
    return IntStream.range(0, shape.blocks()).toArray();
  }

  private void require(Outcome outcome, String what) {
    if (outcome.blocks() != shape.blocks()) {
      throw new IllegalStateException(
          "Of %d blocks %d were %s: %s"
              .formatted(shape.blocks(), outcome.blocks(), what, outcome.reason()));
    }
  }

  /** {@return when each layer was there, and then the whole, counted from the call of fetch} */
  private long[] fetch(BlockStore store, Pool pool, int prefix, String below, boolean layered) {
    Match match = store.match(keys(prefix));
    if (match.blocksAt(below) != shape.blocks()) {
      throw new IllegalStateException(
          "Only %d of %d blocks come from %s; %d are anywhere"
              .formatted(match.blocksAt(below), shape.blocks(), below, match.blocks()));
    }
    var told = new AtomicLongArray(shape.layers());
    LayerListener listener =
        layered ? (layer, _) -> told.set(layer, System.nanoTime()) : LayerListener.NONE;
    long start = System.nanoTime();
    var fetch = new Fetch(match, blocks(), JobOptions.DEFAULT.telling(listener));
    Outcome outcome =
        store.fetch(pool, List.of(fetch)).getFirst().outcome().toCompletableFuture().join();
    long end = System.nanoTime();
    require(outcome, "fetched");
    long[] times = new long[shape.layers() + 1];
    for (int layer = 0; layer < shape.layers(); layer++) {
      times[layer] = layered ? told.get(layer) - start : 0;
    }
    times[shape.layers()] = end - start;
    return times;
  }

  private long wrong(BlockStore store, Pool pool, MemorySegment memory, String below) {
    long wrong = 0;
    for (int prefix = 0; prefix < PREFIXES; prefix++) {
      memory.fill((byte) 0);
      fetch(store, pool, prefix, below, true);
      for (int block = 0; block < shape.blocks(); block++) {
        wrong += Words.wrong(shape, memory, block, name(prefix, block));
      }
    }
    return wrong;
  }

  private BenchResult result(Rounds layered, long[] whole, int sections, long wrong) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("blocks", shape.blocks());
    params.put("block", BenchResult.size(shape.blockBytes()));
    params.put("layers", shape.layers());
    params.put("sections", sections);
    Arrays.sort(whole);
    Map<String, Double> further = new LinkedHashMap<>();
    further.put("last_layer_ns", layered.median(shape.layers() - 1));
    further.put("first_of_last_percent", layered.firstOfLastPercent());
    further.put("without_layers_ns", Shares.at(whole, 0.50));
    further.put(BenchResult.WRONG_BYTES, (double) wrong);
    var bandwidth = OptionalDouble.of(shape.bytes() / layered.median(shape.layers() - 1));
    return new BenchResult(
        "layers.first", params, OptionalDouble.of(layered.median(0)), bandwidth,
        OptionalDouble.empty(), further);
  }

  /** When each layer was there, round by round. */
  private static final class Rounds {
    private final long[][] byLayer;

    Rounds(int layers, int rounds) {
      byLayer = new long[layers][rounds];
    }

    void take(int round, long[] times) {
      for (int layer = 0; layer < byLayer.length; layer++) {
        byLayer[layer][round] = times[layer];
      }
    }

    double median(int layer) {
      return Shares.at(Arrays.stream(byLayer[layer]).sorted().toArray(), 0.50);
    }

    /** {@return the median over the rounds of the first layer's time over the last one's} */
    double firstOfLastPercent() {
      long[] first = byLayer[0];
      long[] last = byLayer[byLayer.length - 1];
      long[] shares = LongStream.range(0, first.length)
          .map(round -> 100_000 * first[(int) round] / last[(int) round])
          .sorted()
          .toArray();
      return Shares.at(shares, 0.50) / 1_000;
    }
  }
}
