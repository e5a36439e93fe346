package io.pagoda.node.plan;

import io.pagoda.ByteSize;
import io.pagoda.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What capacities of a store are worth to a trace.
 *
 * @param model whose KV cache the store keeps
 * @param traceTokensPerBlock tokens of a block of the trace, a multiple of the model's
 * @param curve what each capacity is worth, in blocks of the trace
 * @param memory how much host memory there is, if that is given
 * @param disk how much disk there is below it, if that is given
 */
public record CapacityPlan(
    ModelSpec model, int traceTokensPerBlock, HitCurve curve, Optional<ByteSize> memory,
    Optional<ByteSize> disk) {
  private static final double[] SHARES = {.50, .75, .90, .95, .99};
  private static final int[] STEPS = {1, 2, 5};

  /**
   * A capacity and its worth.
   *
   * @param what what it is: the share of the best that it is the least for, or whose memory
   * @param blocks how many blocks of the store
   * @param bytes their size
   * @param hitRatio the share of references that hit
   * @param shareOfBest that, over the hit ratio of an endless store
   */
  public record Point(String what, long blocks, long bytes, double hitRatio, double shareOfBest) {}

  /** Checks that blocks of the store are whole parts of blocks of the trace. */
  public CapacityPlan {
    if (traceTokensPerBlock % model.tokensPerBlock() != 0) {
      throw new IllegalArgumentException(
          ("blocks of the trace have %d tokens, and those of the store %d: they must be parts of "
              + "those of the trace, which cannot tell what becomes of others")
              .formatted(traceTokensPerBlock, model.tokensPerBlock()));
    }
  }

  /** {@return how many blocks of the store are one block of the trace} */
  public int scale() {
    return traceTokensPerBlock / model.tokensPerBlock();
  }

  /** {@return round capacities up to that which has every hit that can be had, and that one} */
  public List<Point> table() {
    List<Point> points = new ArrayList<>();
    int enough = curve.enough();
    for (long decade = 1; decade < enough; decade *= 10) {
      for (int step : STEPS) {
        long capacity = decade * step;
        if (capacity >= enough / 1000.0 && capacity < enough) {
          points.add(point("", capacity * scale()));
        }
      }
    }
    points.add(point("", (long) enough * scale()));
    return points;
  }

  /** {@return the least capacities for some shares of the best hit ratio} */
  public List<Point> targets() {
    List<Point> points = new ArrayList<>();
    for (double share : SHARES) {
      String what = Math.round(100 * share) + " %";
      points.add(point(what, (long) curve.smallestFor(share) * scale()));
    }
    return points;
  }

  /** {@return what the given memory is worth, and what it is with the given disk} */
  public List<Point> given() {
    return Stream.concat(
        memory.map(size -> point("memory", blocks(size))).stream(),
        disk.map(size -> point("memory and disk", blocks(memory.orElseThrow()) + blocks(size)))
            .stream())
        .toList();
  }

  private long blocks(ByteSize size) {
    return size.bytes() / model.blockBytes();
  }

  /** Blocks of the trace come and go as a whole. */
  private Point point(String what, long blocks) {
    long whole = blocks / scale();
    return new Point(
        what, blocks, Math.multiplyExact(blocks, model.blockBytes()), curve.hitRatio(whole),
        curve.shareOfBest(whole));
  }
}
