package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;
import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Budget;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.spi.SettingsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The roads to the colder tiers, as configuration sets them.
 *
 * @param write when blocks go down a road that says nothing of its own
 * @param promotion what a fetch leaves in the hub, likewise
 * @param admission which blocks go down, likewise
 * @param writePrice what a write costs, likewise
 * @param own what roads say of their own, by the colder tier's name
 */
record Roads(
    WritePolicy write, Promotion promotion, Admission admission, double writePrice,
    Map<String, Section> own) {
  private static final long LEAST_BUDGET = 1 << 20;

  static Roads from(Section graph) {
    Map<String, Section> own = new LinkedHashMap<>();
    for (Section edge : graph.elements("edges")) {
      if (own.put(edge.string("to"), edge) != null) {
        throw new SettingsException(
            "%s = %s: there is such an edge already"
                .formatted(edge.origin("to"), edge.string("to")));
      }
    }
    return new Roads(
        graph.choice("write", WritePolicy.class), graph.choice("promote", Promotion.class),
        graph.choice("admit", Admission.class), price(graph), own);
  }

  private static double price(Section of) {
    double price = of.number("write-price");
    if (!(price >= 0 && price <= 1)) {
      throw new SettingsException(
          "%s must be 0 to 1, not %s: it is a part of what computing a block costs"
              .formatted(of.origin("write-price"), price));
    }
    return price;
  }

  /**
   * Returns the edges to {@code colder} tiers, in their order. Those to {@code missing} tiers lead
   * nowhere, and are left out; nothing goes down those to tiers that are {@code read} only.
   */
  List<Edge> edges(List<String> colder, List<String> missing, Set<String> read) {
    missing.forEach(this::edge); // reads what it says
    own.forEach((to, edge) -> {
      if (!colder.contains(to) && !missing.contains(to)) {
        throw new SettingsException(
            "%s = %s is not a tier below the first; these are: %s"
                .formatted(edge.origin("to"), to, colder));
      }
    });
    List<Edge> edges =
        colder.stream().map(to -> read.contains(to) ? upward(to) : edge(to)).toList();
    own.values().forEach(Section::refuseUnknown);
    return edges;
  }

  private Edge upward(String to) {
    Section own = this.own.get(to);
    Edge edge = edge(to);
    if (own != null && own.has("write") && edge.write() != WritePolicy.NEVER) {
      throw new SettingsException(
          "%s: tier '%s' is memory of others, to which nothing is written: leave it out"
              .formatted(own.origin("write"), to));
    }
    return new Edge(
        to, WritePolicy.NEVER, edge.promotion(), edge.admission(), edge.writePrice(),
        edge.budget());
  }

  private Edge edge(String to) {
    Section edge = own.get(to);
    if (edge == null) {
      return new Edge(to, write, promotion, admission, writePrice);
    }
    return new Edge(
        to, edge.has("write") ? edge.choice("write", WritePolicy.class) : write,
        edge.has("promote") ? edge.choice("promote", Promotion.class) : promotion,
        edge.has("admit") ? edge.choice("admit", Admission.class) : admission,
        edge.has("write-price") ? price(edge) : writePrice,
        new Budget(budget(edge, "read-budget"), budget(edge, "write-budget")));
  }

  private static long budget(Section edge, String key) {
    if (!edge.has(key)) {
      return 0;
    }
    long bytes = edge.bytes(key).bytes();
    if (bytes < LEAST_BUDGET) {
      throw new SettingsException(
          "%s must be 1MiB (per second) or more, not %d bytes: jobs would wait in vain"
              .formatted(edge.origin(key), bytes));
    }
    return bytes;
  }
}
