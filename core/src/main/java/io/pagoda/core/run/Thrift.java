package io.pagoda.core.run;

import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.core.graph.Reach;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.observe.Meter;
import io.pagoda.core.space.Space;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/*
 * With k of n blocks fetched, the caller waits
 *
 *   sum over the tiers (what it takes for those of the k that are there) + (n - k) * recompute
 *
 * and the k is taken that makes it shortest. A tier that nobody has loaded from for a while is
 * taken to need no time, and a size that nobody has tried, little: that is how one learns that it
 * has become faster.
 */
/**
 * Weighs what blocks cost to bring against what they cost to compute anew.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
public final class Thrift {
  /** Fetches whatever there is. */
  public static final Thrift NONE = new Thrift(Duration.ZERO, List.of(), 1, () -> 0);

  private final long recomputeNanos;
  private final List<TierNode> tiers;
  private final long blockBytes;
  private final LongSupplier nanoTime;
  private final Forecast[] forecasts;
  private IntConsumer spared = _ -> {};
  private int dearest;

  /**
   * Creates one that has learned nothing.
   *
   * @param reach what a block is worth
   * @param graph the tiers
   * @param nanoTime the time, in nanoseconds from any origin
   */
  public Thrift(Reach reach, TierGraph graph, LongSupplier nanoTime) {
    this(reach.recompute(), graph.tiers(), graph.blockBytes(), nanoTime);
  }

  private Thrift(Duration recompute, List<TierNode> tiers, long blockBytes, LongSupplier nanoTime) {
    this.recomputeNanos = recompute.toNanos();
    this.tiers = tiers;
    this.blockBytes = blockBytes;
    this.nanoTime = nanoTime;
    this.forecasts = new Forecast[tiers.size()];
    Arrays.setAll(forecasts, _ -> new Forecast());
  }

  /** Learns from what moves on {@code lanes}, and has what it decides counted. */
  public void serve(Lanes lanes, Meter meter) {
    lanes.onLoaded(this::learn);
    spared = blocks -> meter.add(JobCount.NOT_WORTH_FETCHING, blocks);
  }

  /** Learns how long a tier took for a batch. */
  void learn(int tier, long bytes, long nanos) {
    forecasts[tier].learn(bytes, nanos, nanoTime.getAsLong());
  }

  /** {@return how long a tier is expected to take for some blocks, in nanoseconds} */
  long expected(int tier, int blocks) {
    return blocks == 0 ? 0 : forecasts[tier].nanos(blocks * blockBytes, nanoTime.getAsLong());
  }

  /**
   * Returns how many blocks of a prefix are worth bringing.
   *
   * @param from the tier of each block
   * @param count how many there are
   */
  int worthwhile(int[] from, int count) {
    if (recomputeNanos == 0) {
      return count;
    }
    int[] blocks = new int[forecasts.length];
    long[] nanos = new long[forecasts.length];
    long bringing = 0;
    long shortest = count * recomputeNanos;
    int best = 0;
    for (int i = 0; i < count; i++) {
      int tier = from[i];
      if (tier != Space.HUB) {
        bringing -= nanos[tier];
        nanos[tier] = expected(tier, ++blocks[tier]);
        bringing += nanos[tier];
      }
      long total = bringing + (count - i - 1) * recomputeNanos;
      if (total <= shortest) {
        shortest = total;
        best = i + 1;
      }
    }
    if (best < count) {
      dearest = from[best];
      spared.accept(count - best);
    }
    return best;
  }

  /** {@return why only {@code worth} of {@code wanted} blocks are brought, decided last} */
  String reason(int worth, int wanted) {
    return "%d of %d blocks are worth it: computing the rest anew takes less time than tier '%s'"
        .formatted(worth, wanted, tiers.get(dearest).name());
  }
}
