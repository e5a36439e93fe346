package io.pagoda.node.bench;

import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was found of a tier beside fio, for people.
 *
 * @param results as {@link TierBench#run} returns them
 */
public record TierText(List<BenchResult> results) {
  /** {@return a table, with a line end after the last line} */
  public String text() {
    Table table = Table.ofNumbers()
        .row(
            "", "block", "range", "depth", "fio", "Pagoda", "ratio", "min..max", "fio CPU s/GB",
            "Pagoda CPU s/GB", "of fio's", "tier's threads", "checksums", "compilers", "");
    results.forEach(result -> row(table, result));
    return table + "\n";
  }

  private static void row(Table table, BenchResult result) {
    Map<String, Double> further = result.further();
    boolean compared = further.containsKey("fio_gb_per_s");
    double cpu = further.getOrDefault("cpu_s_per_gb", 0.0);
    double fioCpu = further.getOrDefault("fio_cpu_s_per_gb", 0.0);
    double wrong = further.getOrDefault(BenchResult.WRONG_BYTES, 0.0);
    table.row(
        result.name(), param(result, "block"), param(result, "range"), param(result, "depth"),
        compared ? Numbers.rate(further.getOrDefault("fio_gb_per_s", 0.0)) : "-",
        Numbers.rate(result.gigabytesPerSecond().orElse(0)),
        compared ? three(result.ratio().orElse(0)) : "-",
        compared
            ? three(further.getOrDefault("ratio_min", 0.0)) + ".."
                + three(further.getOrDefault("ratio_max", 0.0))
            : "-",
        compared ? four(fioCpu) : "-", four(cpu), compared ? three(cpu / fioCpu) : "-",
        four(further.getOrDefault("tier_cpu_s_per_gb", 0.0)),
        four(further.getOrDefault("checksum_cpu_s_per_gb", 0.0)),
        four(further.getOrDefault("compiler_cpu_s_per_gb", 0.0)),
        wrong > 0 ? "WRONG: " + Numbers.count((long) wrong) + " bytes" : "");
  }

  private static String param(BenchResult result, String name) {
    return String.valueOf(result.params().getOrDefault(name, "-"));
  }

  private static String three(double figure) {
    return String.format(Locale.ROOT, "%.3f", figure);
  }

  private static String four(double figure) {
    return String.format(Locale.ROOT, "%.4f", figure);
  }
}
