package io.pagoda.core.bench;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.core.bench.Measurement.Unit;
import io.pagoda.core.bench.Stopwatch.Operation;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;
import io.pagoda.core.run.Planned;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What it costs to know which block is where: one thread, warm, medians. The sizes are those of
 * FlexKV's published case, 102,400 cached blocks and prefixes of 512.
 */
public final class IndexBench {
  private static final int PREFIX = 512;
  private static final int CACHED = 102_400;
  private static final int SECTIONS = 32;
  private static final int MILLION = 1_000_000;
  private static final int TOKENS_PER_BLOCK = 16;

  private final SplittableRandom random = new SplittableRandom(7);
  private final Stopwatch stopwatch;
  private long nextChain;

  /**
   * Creates the benchmark.
   *
   * @param samples how many runs of each operation are timed, at least 100
   */
  public IndexBench(int samples) {
    this.stopwatch = new Stopwatch(Math.max(3_000, samples), samples);
  }

  /** Runs every case. */
  public List<Measurement> run() {
    List<Measurement> results = new ArrayList<>();
    results.add(match("match", chains(CACHED / PREFIX), false));
    results.add(match("match-and-pin", chains(CACHED / PREFIX), true));
    results.add(match("match-scattered", interleaved(CACHED / PREFIX), false));
    results.add(insert());
    for (int leaves : new int[] {1_000, 10_000, 62_500}) {
      results.add(evict(leaves));
    }
    results.add(matchAndPlan());
    results.add(bytesPerBlock(1));
    results.add(bytesPerBlock(2));
    results.add(new RevivalBench(MILLION, PREFIX, 1).run());
    results.add(new RevivalBench(MILLION, PREFIX, SECTIONS).run());
    return results;
  }

  private static Map<String, Object> params(Object... namesAndValues) {
    Map<String, Object> params = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      params.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return params;
  }

  private List<BlockKeys> chains(int count) {
    List<BlockKeys> chains = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chains.add(chain(PREFIX));
    }
    return chains;
  }

  private List<BlockKeys> interleaved(int count) {
    List<BlockKeys> chains = chains(count);
    chains.addFirst(BlockKeys.ofWords(new long[0]));
    return chains;
  }

  private BlockKeys chain(int length) {
    long[] words = new long[2 * length];
    Arrays.setAll(words, _ -> random.nextLong());
    words[0] = nextChain++;
    return BlockKeys.ofWords(words);
  }

  private Measurement match(String name, List<BlockKeys> chains, boolean pins) {
    var bookkeeping = new Bookkeeping(1, CACHED);
    boolean scattered = chains.getFirst().size() == 0;
    List<BlockKeys> cached = scattered ? chains.subList(1, chains.size()) : chains;
    if (scattered) {
      bookkeeping.insertInterleaved(cached);
    } else {
      cached.forEach(bookkeeping::insert);
    }
    int[] entries = new int[PREFIX];
    var operation = new Operation() {
      private BlockKeys keys = cached.getFirst();

      @Override
      public void prepare() {
        keys = cached.get(random.nextInt(cached.size()));
      }

      @Override
      public long run() {
        int found = bookkeeping.index.match(keys, entries);
        for (int i = 0; pins && i < found; i++) {
          bookkeeping.index.pin(entries[i]);
        }
        return found;
      }

      @Override
      public void restore() {
        for (int i = 0; pins && i < PREFIX; i++) {
          bookkeeping.index.unpin(entries[i]);
        }
      }
    };
    return stopwatch.time("index." + name, params("blocks", PREFIX, "cached", CACHED), operation);
  }

  private Measurement insert() {
    var bookkeeping = new Bookkeeping(1, 2 * CACHED);
    chains(CACHED / PREFIX).forEach(bookkeeping::insert);
    var operation = new Operation() {
      private BlockKeys keys = chain(PREFIX);

      @Override
      public void prepare() {
        keys = chain(PREFIX);
      }

      @Override
      public long run() {
        return bookkeeping.insert(keys);
      }

      @Override
      public void restore() {
        if (bookkeeping.index.size() + PREFIX > 2 * CACHED) {
          bookkeeping.evict(CACHED);
        }
      }
    };
    return stopwatch.time("index.insert", params("blocks", PREFIX, "cached", CACHED), operation);
  }

  private Measurement evict(int leaves) {
    int depth = MILLION / leaves;
    var bookkeeping = new Bookkeeping(1, MILLION);
    for (int i = 0; i < leaves; i++) {
      bookkeeping.insert(chain(depth));
    }
    var operation = new Operation() {
      private BlockKeys growing = chain(depth);
      private int grown;

      @Override
      public long run() {
        return bookkeeping.reserve(PREFIX);
      }

      @Override
      public void restore() {
        for (int left = PREFIX; left > 0;) {
          int step = Math.min(left, depth - grown);
          grown += step;
          left -= step;
          bookkeeping.insertReserved(growing.prefix(grown));
          if (grown == depth) {
            growing = chain(depth);
            grown = 0;
          }
        }
      }
    };
    var params = params("blocks", PREFIX, "cached", MILLION, "leaves", leaves);
    return stopwatch.time("index.reserve-and-evict", params, operation);
  }

  private Measurement matchAndPlan() {
    var bookkeeping = new Bookkeeping(1, CACHED);
    var hasher = BlockHasher.of(ModelFingerprint.of("bench", 1 << 17), TOKENS_PER_BLOCK);
    int[] tokens = random.ints(PREFIX * TOKENS_PER_BLOCK, 0, 128_000).toArray();
    chains(CACHED / PREFIX - 1).forEach(bookkeeping::insert);
    bookkeeping.insert(hasher.keys(Namespace.SHARED, tokens));
    var operation = new Operation() {
      private int[] pinned = {};

      @Override
      public long run() {
        BlockKeys keys = hasher.keys(Namespace.SHARED, tokens);
        Planned planned = bookkeeping.fetch(keys);
        pinned = planned.pinned();
        return planned.plan().hops().size();
      }

      @Override
      public void restore() {
        bookkeeping.unpin(pinned);
      }
    };
    var params = params("tokens", tokens.length, "tokens-per-block", TOKENS_PER_BLOCK);
    return stopwatch.time("index.hash-match-plan", params, operation);
  }

  /** Counts what the heap holds more when a million blocks are indexed. */
  private Measurement bytesPerBlock(int tiers) {
    long before = usedHeap();
    var bookkeeping = new Bookkeeping(tiers, MILLION);
    for (int i = 0; i < MILLION / PREFIX; i++) {
      bookkeeping.insert(chain(PREFIX));
    }
    double bytes = (double) (usedHeap() - before) / MILLION;
    var params = params("cached", bookkeeping.index.size(), "tiers", tiers);
    return new Measurement("index.bytes-per-block", params, bytes, bytes, Unit.BYTES, 0);
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
