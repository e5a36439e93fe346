package io.pagoda.node.plan;

import java.util.Arrays;

/**
 * What each capacity is worth: how many of a trace's references hit in a store that evicts what was
 * used least recently. Blocks are those of the trace.
 */
public final class HitCurve {
  private final long requests;
  private final long references;
  private final long distinct;
  private final long[] hits;

  /**
   * Creates a curve.
   *
   * @param requests how many there are
   * @param references how many blocks they ask for
   * @param distinct how many different ones
   * @param hitsAt how many references have each distance
   */
  private HitCurve(long requests, long references, long distinct, long[] hitsAt) {
    this.requests = requests;
    this.references = references;
    this.distinct = distinct;
    this.hits = new long[hitsAt.length + 1];
    for (int i = 0; i < hitsAt.length; i++) {
      hits[i + 1] = hits[i] + hitsAt[i];
    }
  }

  /** {@return how many requests the trace has} */
  public long requests() {
    return requests;
  }

  /** {@return how many blocks the requests ask for} */
  public long references() {
    return references;
  }

  /** {@return how many different blocks they ask for, each of which misses once} */
  public long distinct() {
    return distinct;
  }

  /** {@return the share of references that hit in a store of {@code capacity} blocks} */
  public double hitRatio(long capacity) {
    return references == 0 ? 0 : (double) hits(capacity) / references;
  }

  /** {@return the share of the hits of an endless store that one of {@code capacity} blocks has} */
  public double shareOfBest(long capacity) {
    return best() == 0 ? 1 : (double) hits(capacity) / best();
  }

  private long hits(long capacity) {
    return hits[(int) Math.clamp(capacity, 0L, enough())];
  }

  private long best() {
    return hits[enough()];
  }

  /** {@return the hit ratio of an endless store} */
  public double bestRatio() {
    return hitRatio(enough());
  }

  /** {@return the least capacity that has every hit that can be had} */
  public int enough() {
    return hits.length - 1;
  }

  /** {@return the least capacity that has at least this share of the hits of an endless store} */
  public int smallestFor(double share) {
    long wanted = (long) Math.ceil(share * best());
    int low = 0;
    int high = enough();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (hits[middle] < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Counts a trace's references. */
  public static final class Builder {
    private final StackDistances distances = new StackDistances();
    private long[] hitsAt = new long[1024];
    private int longest;
    private long requests;
    private long references;

    /** Creates a builder of an empty trace. */
    public Builder() {}

    /**
     * Adds a request: it matches, and then uses its blocks, the last of them first, as a store
     * does. So a prefix is always used later than what follows it, and a block that is there has
     * its prefix there.
     *
     * @param blocks stand for whole prefixes; all different
     */
    public void add(long[] blocks) {
      requests++;
      references += blocks.length;
      int farthest = 0;
      for (int i = 0; i < blocks.length && farthest != StackDistances.NEVER; i++) {
        farthest = Math.max(farthest, distances.distance(blocks[i]));
        count(farthest);
      }
      for (int i = blocks.length - 1; i >= 0; i--) {
        distances.use(blocks[i]);
      }
    }

    private void count(int distance) {
      if (distance == StackDistances.NEVER) {
        return;
      }
      if (distance >= hitsAt.length) {
        hitsAt = Arrays.copyOf(hitsAt, Math.max(distance + 1, 2 * hitsAt.length));
      }
      hitsAt[distance]++;
      longest = Math.max(longest, distance + 1);
    }

    /** {@return the curve of what was added} */
    public HitCurve build() {
      return new HitCurve(requests, references, distances.blocks(), Arrays.copyOf(hitsAt, longest));
    }
  }
}
