package io.pagoda.node.bench;

import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.util.List;
import java.util.Locale;

/**
 * What was found of a tier in object storage, for people.
 *
 * @param results as {@link RemoteBench#run} returns them
 */
public record RemoteText(List<BenchResult> results) {
  private static final double MILLI = 1e6;
  private static final double KIBI = 1024;

  /** {@return two tables, with a line end after the last line} */
  public String text() {
    Table moved = Table.ofNumbers()
        .row("", "block", "in a call", "GB/s", "requests per block", "heap KiB per block", "");
    Table lookedUp = Table.ofNumbers().row("look-up: there are", "p50 ms", "requests", "");
    for (BenchResult result : results) {
      if (result.p50Nanos().isPresent()) {
        lookedUp.row(
            param(result, "there"), number(result.p50Nanos().getAsDouble() / MILLI),
            number(further(result, "most_requests")), wrong(result, "wrong_blocks"));
      } else {
        moved.row(
            result.name(), param(result, "block"), param(result, "together"),
            Numbers.rate(result.gigabytesPerSecond().orElse(0)),
            String.format(Locale.ROOT, "%.2f", further(result, "requests_per_block")),
            number(further(result, "heap_bytes_per_block") / KIBI),
            wrong(result, BenchResult.WRONG_BYTES));
      }
    }
    return moved + "\n\n" + lookedUp + "\n";
  }

  private static String wrong(BenchResult result, String what) {
    double wrong = further(result, what);
    return wrong > 0 ? "WRONG: " + Numbers.count((long) wrong) : "";
  }

  private static double further(BenchResult result, String name) {
    return result.further().getOrDefault(name, 0.0);
  }

  private static String param(BenchResult result, String name) {
    return String.valueOf(result.params().getOrDefault(name, "-"));
  }

  private static String number(double figure) {
    return String.format(Locale.ROOT, "%.1f", figure);
  }
}
