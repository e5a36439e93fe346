package io.pagoda.core.space;

import io.pagoda.core.graph.Edge;
import io.pagoda.core.index.BlockIndex;
import java.util.BitSet;
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

  /** Blocks that nobody has used yet. */
  private final BitSet unused;

  /** Blocks with which the request ended that was the first to use them. */
  private final BitSet ended;

  /** Creates those of some edges, which lead to tier 1 and the next ones. */
  Gates(BlockIndex index, List<Edge> edges) {
    this.index = index;
    this.edges = edges;
    this.refused = new long[edges.size() + 1];
    this.unused = new BitSet(index.capacity());
    this.ended = new BitSet(index.capacity());
  }

  /** Records that a block is new, or back. */
  void added(int entry) {
    unused.set(entry);
  }

  /** Learns from a use of a block, before that is counted. */
  void used(int entry) {
    if (unused.get(entry)) {
      unused.clear(entry);
      ended.set(entry, index.leaf(entry));
    }
    prospects.used(index.uses(entry), index.depth(entry), ended.get(entry));
  }

  boolean admits(int tier, int uses, int entry) {
    Edge edge = edges.get(tier - 1);
    boolean admitted = uses >= SECOND || switch (edge.admission()) {
      case ALL -> true;
      case SECOND_TOUCH -> false;
      case EXPECTED_VALUE -> index.children(entry, tier) > 0 || chance(entry) >= edge.writePrice();
    };
    refused[tier] += admitted ? 0 : 1;
    return admitted;
  }

  private double chance(int entry) {
    boolean ends = index.leaf(entry) && (unused.get(entry) || ended.get(entry));
    return prospects.chance(index.depth(entry), ends);
  }

  /** {@return bytes of the arrays} */
  long bytes() {
    return ((long) unused.size() + ended.size()) / Byte.SIZE;
  }

  /** {@return how often a block was not admitted to a tier} */
  long refused(int tier) {
    return refused[tier];
  }
}
