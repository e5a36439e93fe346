package io.pagoda.node.bench;

import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What was found of a GPU, for people.
 *
 * @param results as {@link GpuBench#run} returns them
 */
public record GpuText(List<BenchResult> results) {
  private static final List<String> WAYS = List.of("in", "out", "both");

  /** {@return tables, with a line end after the last line} */
  public String text() {
    return ceilings() + "\n" + chunks() + "\n" + jobs() + "\n" + bars();
  }

  private String ceilings() {
    Table table = Table.ofNumbers().row("one piece, pinned", "GB/s");
    named("gpu.ceiling")
        .forEach(result -> table.row(way(result), Numbers.rate(GpuRatios.rate(result))));
    return table + "\n";
  }

  private List<BenchResult> named(String name) {
    return results.stream().filter(result -> result.name().equals(name)).toList();
  }

  private static String way(BenchResult result) {
    return String.valueOf(result.params().get("way"));
  }

  private String chunks() {
    Table table = Table.ofNumbers()
        .row(
            "chunk", "path", "CTAs", "in GB/s", "out GB/s", "both GB/s", "of the ceiling",
            "least to most, %", "of the best path", "taken", "");
    named("gpu.chunks").stream()
        .collect(Collectors.groupingBy(GpuText::row, LinkedHashMap::new, Collectors.toList()))
        .forEach((row, cells) -> row(table, cells));
    return table + "\n";
  }

  private static List<Object> row(BenchResult result) {
    Map<String, Object> params = result.params();
    return List.of(
        params.getOrDefault("chunk", ""), params.getOrDefault("path", ""),
        params.getOrDefault("ctas", ""));
  }

  private static void row(Table table, List<BenchResult> cells) {
    List<Object> first = row(cells.getFirst());
    double wrong = cells.stream()
        .mapToDouble(cell -> cell.further().getOrDefault(BenchResult.WRONG_BYTES, 0.0))
        .sum();
    table.row(
        String.valueOf(first.get(0)), String.valueOf(first.get(1)), String.valueOf(first.get(2)),
        rate(cells, 0), rate(cells, 1), rate(cells, 2),
        joined(cells.stream().map(cell -> cell.ratio().orElse(0)).toList()), spreads(cells),
        chosen(cells, cell -> ratio(cell.further().getOrDefault(GpuCase.OF_BEST, 0.0))),
        chosen(cells, cell -> String.valueOf(cell.params().get("taken"))),
        wrong > 0 ? "WRONG: " + Numbers.count((long) wrong) + " bytes" : "");
  }

  /** {@return how far the rounds are apart, of their median} */
  private static String spreads(List<BenchResult> cells) {
    return cells.stream()
        .map(
            cell -> (cell.further().getOrDefault(GpuCase.MOST, 0.0)
                - cell.further().getOrDefault(GpuCase.LEAST, 0.0)) / GpuRatios.rate(cell))
        .map(spread -> String.format(Locale.ROOT, "%.0f", 100 * spread))
        .collect(Collectors.joining(" "));
  }

  /** {@return what is told of the planner's choice alone} */
  private static String chosen(List<BenchResult> cells, Function<BenchResult, String> what) {
    return cells.getFirst().further().containsKey(GpuCase.OF_BEST)
        ? cells.stream().map(what).collect(Collectors.joining(" "))
        : "-";
  }

  private static String rate(List<BenchResult> cells, int way) {
    return cells.stream()
        .filter(cell -> way(cell).equals(WAYS.get(way)))
        .map(cell -> Numbers.rate(GpuRatios.rate(cell)))
        .findFirst()
        .orElse("-");
  }

  private static String joined(List<Double> ratios) {
    return ratios.stream().map(GpuText::ratio).collect(Collectors.joining(" "));
  }

  private static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.3f", ratio);
  }

  private String jobs() {
    Table table = Table.ofNumbers()
        .row(
            "", "GB/s", "alone", "of alone", "CPU of a core", "without the compiler",
            "copies alone", "by thread", "");
    for (BenchResult result : results) {
      if (result.further().containsKey(GpuCache.ALONE)) {
        double wrong = result.further().getOrDefault(BenchResult.WRONG_BYTES, 0.0);
        table.row(
            result.name(), Numbers.rate(GpuRatios.rate(result)),
            Numbers.rate(result.further().getOrDefault(GpuCache.ALONE, 0.0)),
            joined(List.of(result.ratio().orElse(0))),
            percent(result.further().getOrDefault(GpuCache.CPU, 0.0)),
            percent(result.further().getOrDefault(GpuCache.OWN_CPU, 0.0)),
            percent(result.further().getOrDefault(GpuCache.ALONE_CPU, 0.0)), threads(result),
            wrong > 0 ? "WRONG: " + Numbers.count((long) wrong) + " bytes" : "");
      }
    }
    return table + "\n";
  }

  private static String threads(BenchResult result) {
    String prefix = "thread_percent_";
    return result.further()
        .entrySet()
        .stream()
        .filter(entry -> entry.getKey().startsWith(prefix))
        .map(entry -> entry.getKey().substring(prefix.length()) + " " + percent(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String percent(double percent) {
    return String.format(Locale.ROOT, "%.2f %%", percent);
  }

  private String bars() {
    Table table = Table.ofTexts().row("on one H200 it should be", "and the least is", "");
    for (GpuBar bar : GpuBar.of(results)) {
      table.row(
          bar.what(), String.format(Locale.ROOT, "%.3f", bar.worst()), bar.met() ? "" : "MISSED");
    }
    return table + "\n";
  }
}
