package io.pagoda.core.space;

import io.pagoda.core.graph.Edge;
import io.pagoda.core.index.BlockIndex;
import java.util.List;

/**
 * Tells which blocks the colder tiers take.
 *
 * <p><b>Threads.</b> Confined.
 */
final class Gates {
  private static final int SECOND = 2;

  private final BlockIndex index;
  private final List<Edge> edges;
  private final Prospects prospects = new Prospects();
  private final long[] refused;

  /** Creates those of some edges, which lead to tier 1 and the next ones. */
  Gates(BlockIndex index, List<Edge> edges) {
    this.index = index;
    this.edges = edges;
    this.refused = new long[edges.size() + 1];
  }

  /** Learns from a use of a block, before that is counted. */
  void used(int entry) {
    prospects.used(index.uses(entry), index.depth(entry));
  }

  boolean admits(int tier, int uses, int entry) {
    Edge edge = edges.get(tier - 1);
    boolean admitted = uses >= SECOND || switch (edge.admission()) {
      case ALL -> true;
      case SECOND_TOUCH -> false;
      case EXPECTED_VALUE -> index.children(entry, tier) > 0
          || prospects.chance(index.depth(entry)) >= edge.writePrice();
    };
    refused[tier] += admitted ? 0 : 1;
    return admitted;
  }

  /** {@return how often a block was not admitted to a tier} */
  long refused(int tier) {
    return refused[tier];
  }
}
