package io.pagoda.node.plan;

import io.pagoda.ModelSpec;
import io.pagoda.node.plan.CapacityPlan.Point;
import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Lays a plan out for people.
 *
 * @param plan what to tell
 */
public record PlanText(CapacityPlan plan) {
  /** {@return the text, with a line end after the last line} */
  public String text() {
    String text = titled("Model", model()) + scale() + titled("Trace", trace())
        + titled("Expected hits of a store that evicts what was used least recently", table())
        + titled("The least capacity for a share of the best", capacities(plan.targets()));
    return plan.given().isEmpty()
        ? text.stripTrailing() + "\n"
        : text + "As given\n" + capacities(plan.given()) + "\n" + exclusive();
  }

  private static String titled(String title, Table table) {
    return title + "\n" + table + "\n\n";
  }

  private Table model() {
    ModelSpec model = plan.model();
    Table table = Table.ofNumbers().row("name", model.name());
    long token = Math.round(model.bytesPerToken());
    table.row("bytes per token", Numbers.count(token), Numbers.bytes(token));
    table.row("ranks", Numbers.count(model.tensorParallel()));
    table.row("tokens per block", Numbers.count(model.tokensPerBlock()));
    bytes(table, "bytes per block", model.blockBytes());
    if (ranks().distinct().count() == 1) {
      bytes(table, "of that each rank", model.rankBytes(0));
    } else {
      bytes(table, "of that rank 0, with what all share", model.rankBytes(0));
      bytes(table, "of that each other rank", model.rankBytes(1));
    }
    return table;
  }

  private LongStream ranks() {
    return LongStream.range(0, plan.model().tensorParallel())
        .map(rank -> plan.model().rankBytes((int) rank));
  }

  private static void bytes(Table table, String what, long bytes) {
    table.row(what, Numbers.count(bytes), Numbers.bytes(bytes));
  }

  private String scale() {
    return """
        A block of the trace has %d tokens: %d blocks of the store. They are counted as if every
        block of the trace were full and came and went as a whole; capacities and counts are in
        blocks of the store.

        """.formatted(plan.traceTokensPerBlock(), plan.scale());
  }

  private Table trace() {
    HitCurve curve = plan.curve();
    Table table = Table.ofNumbers();
    table.row("requests", Numbers.count(curve.requests()));
    table.row("blocks referenced", Numbers.count(curve.references() * plan.scale()));
    table.row("distinct blocks", Numbers.count(curve.distinct() * plan.scale()));
    table.row("best hit ratio: each block misses once", ratio(curve.bestRatio()));
    return table;
  }

  private Table table() {
    Table table = Table.ofNumbers().row("blocks", "bytes", "hit ratio", "of the best");
    for (Point point : plan.table()) {
      table.row(
          Numbers.count(point.blocks()), Numbers.bytes(point.bytes()), ratio(point.hitRatio()),
          Numbers.percent(point.shareOfBest()));
    }
    return table;
  }

  private static Table capacities(List<Point> points) {
    Table table = Table.ofNumbers().row("", "blocks", "bytes", "hit ratio", "of the best");
    for (Point point : points) {
      table.row(
          point.what(), Numbers.count(point.blocks()), Numbers.bytes(point.bytes()),
          ratio(point.hitRatio()), Numbers.percent(point.shareOfBest()));
    }
    return table;
  }

  private String exclusive() {
    return plan.disk().isEmpty()
        ? ""
        : "With write = back and promote = move, memory and disk hold as much as both.\n";
  }

  private static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.4f", ratio);
  }
}
