package io.pagoda.core.bench;

import io.pagoda.core.bench.Measurement.Unit;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.Sections.Range;
import io.pagoda.core.graph.Sections.Section;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.revive.Revival;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.core.space.Space;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What it costs to know again the blocks that a tier held before: asking for them, ordering them,
 * and filling index and space. The first of few runs, which nothing has warmed, is the slowest.
 */
final class RevivalBench {
  private static final int RUNS = 5;
  private static final int HUB_SLOTS = 1024;
  private static final int BLOCK_BYTES = 1 << 17;

  private final int blocks;
  private final int prefix;
  private final int sections;

  RevivalBench(int blocks, int prefix, int sections) {
    this.blocks = blocks;
    this.prefix = prefix;
    this.sections = sections;
  }

  Measurement run() {
    var disk = new LastingSlots(blocks, prefix, BLOCK_BYTES);
    double[] nanos = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      nanos[i] = revive(disk);
    }
    Arrays.sort(nanos);
    Map<String, Object> params = Map.of("blocks", blocks, "prefix", prefix, "sections", sections);
    return new Measurement(
        "index.revive", params, nanos[RUNS / 2], nanos[RUNS - 1], Unit.NANOSECONDS, 0);
  }

  private long revive(LastingSlots disk) {
    var hub = new BareSlots(HUB_SLOTS, BLOCK_BYTES);
    var graph = new TierGraph(
        List.of(
            new TierNode("host", hub, LruPolicyProvider.lru(HUB_SLOTS)),
            new TierNode("disk", disk, LruPolicyProvider.lru(blocks))),
        List.of(new Edge("disk", WritePolicy.BACK, Promotion.MOVE)), cut());
    long start = System.nanoTime();
    var index = new BlockIndex(2, blocks + HUB_SLOTS, sections);
    var space = new Space(index, graph);
    int revived = Revival.run(graph, index, space, (_, _) -> {})[1];
    long nanos = System.nanoTime() - start;
    if (revived != blocks) {
      throw new IllegalStateException("Of %d blocks %d came back".formatted(blocks, revived));
    }
    return nanos;
  }

  private Sections cut() {
    long bytes = BLOCK_BYTES / sections;
    return new Sections(
        BLOCK_BYTES,
        IntStream.range(0, sections)
            .mapToObj(i -> new Section(List.of(new Range(i * bytes, bytes))))
            .toList());
  }
}
