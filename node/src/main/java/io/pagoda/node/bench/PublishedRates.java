package io.pagoda.node.bench;

import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What KVTransferManager's documentation says of itself and of Mooncake: writes by one thread in
 * batches of 1,538 blocks, one ConnectX-7 of 400 Gb/s with one port. In 10<sup>9</sup> bytes per
 * second, as it has them.
 */
final class PublishedRates {
  private static final Map<String, double[]> RATES = new TreeMap<>(
      Map.of(
          "1KiB", new double[] {10.67, 1.54}, "2KiB", new double[] {17.53, 3.40}, "4KiB",
          new double[] {28.85, 6.95}, "8KiB", new double[] {36.56, 12.48}, "16KiB",
          new double[] {41.73, 23.42}, "32KiB", new double[] {43.55, 31.58}, "64KiB",
          new double[] {44.46, 38.39}, "128KiB", new double[] {44.86, 40.11}, "256KiB",
          new double[] {45.01, 40.71}));

  private PublishedRates() {}

  /** {@return a table of what was written here, beside what is published; empty if none is} */
  static String beside(List<BenchResult> results) {
    Table table =
        Table.ofNumbers().row("block", "here", "perftest here", "KVTransferManager", "Mooncake");
    boolean some = false;
    for (BenchResult one : results) {
      String block = String.valueOf(one.params().get("block"));
      double[] published = RATES.get(block);
      if (!one.name().equals("transport.write") || published == null) {
        continue;
      }
      some = true;
      Double perftest = one.further().get("perftest_gb_per_s");
      table.row(
          block, Numbers.rate(one.gigabytesPerSecond().orElse(0)),
          perftest == null ? "" : Numbers.rate(perftest), Numbers.rate(published[0]),
          Numbers.rate(published[1]));
    }
    return some
        ? table + "\nThe last two as KVTransferManager's documentation has them: one ConnectX-7 of"
            + " 400 Gb/s, one thread,\nbatches of 1,538 blocks, between two machines. They were"
            + " not measured here.\n"
        : "";
  }
}
