package io.pagoda.core.graph;

import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.HubNeighbour;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tiers of a store and the roads between them. Every road starts at the hub, since every tier
 * moves bytes between its slots and host memory.
 *
 * @param tiers hottest first; the first is the hub and must be {@link Addressable}
 * @param edges one for each other tier, in the order of the tiers
 * @param sections what every block is made of
 */
public record TierGraph(List<TierNode> tiers, List<Edge> edges, Sections sections) {
  /** How many tiers a graph may have; an index entry has room for no more. */
  public static final int MAX_TIERS = 8;

  /** Checks that the parts make a graph. */
  public TierGraph {
    tiers = List.copyOf(tiers);
    edges = List.copyOf(edges);
    if (tiers.isEmpty() || tiers.size() > MAX_TIERS) {
      throw new IllegalArgumentException(
          "A graph has 1 to %d tiers, not %d".formatted(MAX_TIERS, tiers.size()));
    }
    checkHub(tiers.getFirst());
    checkEdges(tiers, edges);
    for (TierNode node : tiers) {
      long bytes = node.tier().spec().blockBytes();
      if (bytes != sections.blockBytes()) {
        throw new IllegalArgumentException(
            "Tier '%s' has blocks of %d bytes in a store of %d"
                .formatted(node.name(), bytes, sections.blockBytes()));
      }
    }
  }

  /** A graph whose blocks arrive as a whole. */
  public TierGraph(List<TierNode> tiers, List<Edge> edges, long blockBytes) {
    this(tiers, edges, Sections.whole(blockBytes));
  }

  private static void checkHub(TierNode hub) {
    if (hub.tier().ability(Addressable.class).isEmpty()) {
      throw new IllegalArgumentException(
          "The first tier is the hub and must be host memory; '%s' is not addressable"
              .formatted(hub.name()));
    }
  }

  private static void checkEdges(List<TierNode> tiers, List<Edge> edges) {
    Set<String> names = new HashSet<>();
    for (TierNode node : tiers) {
      if (!names.add(node.name())) {
        throw new IllegalArgumentException("Two tiers are called '%s'".formatted(node.name()));
      }
    }
    List<String> colder = tiers.stream().skip(1).map(TierNode::name).toList();
    List<String> reached = edges.stream().map(Edge::to).toList();
    if (!colder.equals(reached)) {
      throw new IllegalArgumentException(
          "Each tier below the hub needs one edge, in order: tiers %s, edges to %s"
              .formatted(colder, reached));
    }
  }

  /** {@return bytes of every block} */
  public long blockBytes() {
    return sections.blockBytes();
  }

  /** {@return the tier whose slots are host memory} */
  public TierNode hub() {
    return tiers.getFirst();
  }

  /** {@return the hub's ability to be addressed} */
  public Addressable hubMemory() {
    return hub().tier().ability(Addressable.class).orElseThrow();
  }

  /** {@return what the tiers are called, in their order} */
  public List<String> names() {
    return tiers.stream().map(TierNode::name).toList();
  }

  /**
   * Returns the number of the tier called {@code name}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public int number(String name) {
    int number = names().indexOf(name);
    if (number < 0) {
      throw new IllegalArgumentException(
          "No tier is called '%s'; there are %s".formatted(name, names()));
    }
    return number;
  }

  /** Lets colder tiers know the memory that blocks come from and go to. */
  public void introduce() {
    MemorySegment memory = hubMemory().memory();
    for (TierNode node : tiers.subList(1, tiers.size())) {
      node.tier().ability(HubNeighbour.class).ifPresent(tier -> tier.meet(memory));
    }
  }
}
