package io.pagoda.node.bench;

import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.util.List;

/**
 * What was found between kinds of places, for people.
 *
 * @param results as {@link LocalKinds#measure} returns them
 */
public record LocalText(List<BenchResult> results) {
  /** {@return a table, and below it the kinds that are not here, each with the reason} */
  public String text() {
    Table table =
        Table.ofNumbers().row("", "median", "p90", "p99", "max", "bandwidth", "of bound", "bound");
    StringBuilder absent = new StringBuilder();
    for (BenchResult result : results) {
      if (result.p50Nanos().isPresent()) {
        row(table, result);
      } else {
        absent.append("  not here: ").append(result.params().get("kind")).append('\n');
      }
    }
    return table + "\n" + absent;
  }

  private static void row(Table table, BenchResult result) {
    double wrong = result.further().getOrDefault(BenchResult.WRONG_BYTES, 0.0);
    table.row(
        result.params().get("from") + " to " + result.params().get("to"),
        Numbers.micros(result.p50Nanos().orElseThrow() / 1e3), time(result, "p90_ns"),
        time(result, "p99_ns"), time(result, "max_ns"),
        Numbers.rate(result.gigabytesPerSecond().orElseThrow()),
        Numbers.percent(result.ratio().orElseThrow()), String.valueOf(result.params().get("bound"))
            + (wrong > 0 ? "; WRONG: " + Numbers.count((long) wrong) + " bytes" : ""));
  }

  private static String time(BenchResult result, String name) {
    return Numbers.micros(result.further().getOrDefault(name, 0.0) / 1e3);
  }
}
