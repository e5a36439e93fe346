package io.pagoda.node.replay;

import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.StoreStatistics.JobCount;
import io.pagoda.StoreStatistics.Latency;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.node.text.DeviceFlows;
import io.pagoda.node.text.Glyphs;
import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import io.pagoda.node.text.TierPicture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Lays a report out for people. */
public final class ReportText {
  private final ReplayReport report;
  private final Counts counts;

  /** Creates the text of {@code report}. */
  public ReportText(ReplayReport report) {
    this.report = report;
    this.counts = report.counts();
  }

  /** {@return the text, with a line end after the last line} */
  public String text(Glyphs glyphs) {
    String picture =
        new TierPicture(glyphs, report.store(), report.settings().geometry().blockBytes()).text();
    List<String> parts = List.of(
        titled("Requests", requests()), titled("Tiers", tiers()), titled("Media", media()),
        titled("Roads", hops()) + devices(), titled("Latency", latencies()), picture + "\n",
        reproduction() + remarks() + verdict());
    return glyphs.fit(String.join("\n", parts)) + "\n";
  }

  private static String titled(String title, Table table) {
    return title + "\n" + table + "\n";
  }

  private Table requests() {
    Table table = Table.ofNumbers();
    table.row("requests", Numbers.count(counts.requests()), rate());
    table.row("block references", Numbers.count(counts.references()));
    table
        .row("prefix hits", Numbers.count(counts.prefixHits()), Numbers.percent(counts.hitRatio()));
    table.row(
        "tokens not computed again", Numbers.count(counts.tokensSaved()),
        Numbers.percent(share(counts.tokensSaved(), counts.tokens())));
    table.row("bytes verified", Numbers.bytes(counts.verifiedBytes()));
    table.row("wrong blocks", Numbers.count(counts.mismatches()));
    if (counts.shortFetches() + counts.shortPuts() > 0) {
      table.row("short fetches", Numbers.count(counts.shortFetches()));
      table.row("short puts", Numbers.count(counts.shortPuts()));
    }
    long spared = report.store().jobs().count(JobCount.NOT_WORTH_FETCHING);
    if (spared > 0) {
      table.row("not worth fetching", Numbers.count(spared));
    }
    table.row("time", Numbers.seconds(report.seconds()));
    report.peakResidentBytes()
        .ifPresent(bytes -> table.row("peak resident memory", Numbers.bytes(bytes)));
    return table;
  }

  private String rate() {
    return report.seconds() == 0
        ? ""
        : "%s/s".formatted(Numbers.count(Math.round(counts.requests() / report.seconds())));
  }

  private Table tiers() {
    Table table = Table.ofNumbers();
    table.row("", "slots", "used", "prefix hits", "of references", "evictions", "lost", "corrupt");
    for (StoreStatistics.Tier tier : report.store().tiers()) {
      long hits = counts.hitsByTier().getOrDefault(tier.name(), 0L);
      table.row(
          tier.name(), Numbers.count(tier.slots()), Numbers.count(tier.used()), Numbers.count(hits),
          Numbers.percent(share(hits, counts.references())), Numbers.count(tier.evictions()),
          Numbers.count(tier.lost()), Numbers.count(tier.corrupt()));
    }
    return table;
  }

  /** What tiers did to their media, and were spared; the hub has none to spare. */
  private Table media() {
    Table table = Table.ofNumbers();
    table.row(
        "", "state", "read", "written", "ever", "records", "syncs", "not admitted", "were there",
        "delayed", "of others");
    report.store()
        .tiers()
        .stream()
        .skip(1)
        .forEach(
            tier -> table.row(
                tier.name(), tier.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                Numbers.bytes(tier.count(TierCount.BYTES_READ)),
                Numbers.bytes(tier.count(TierCount.BYTES_WRITTEN)),
                Numbers.bytes(tier.count(TierCount.BYTES_WRITTEN_EVER)),
                Numbers.count(tier.count(TierCount.RECORDS_WRITTEN)),
                Numbers.count(tier.count(TierCount.SYNCS)),
                Numbers.count(tier.count(TierCount.NOT_ADMITTED)),
                Numbers.count(tier.count(TierCount.ALREADY_PRESENT)),
                Numbers.count(tier.count(TierCount.WRITES_DELAYED)),
                Numbers.count(tier.count(TierCount.DISCOVERED))));
    return table;
  }

  private Table hops() {
    Table table = Table.ofNumbers();
    table.row(
        "", "blocks", "bytes", "while busy", "batches", "wait p50", "p99", "service p50", "p99");
    for (StoreStatistics.Hop hop : report.store().hops()) {
      table.row(
          hop.from() + " → " + hop.to(), Numbers.count(hop.blocks()), Numbers.bytes(hop.bytes()),
          Numbers.rate(hop.gigabytesPerSecond()), Numbers.count(hop.count(HopCount.BATCHES)),
          micros(hop.waiting(), Latency::p50), micros(hop.waiting(), Latency::p99),
          micros(hop.service(), Latency::p50), micros(hop.service(), Latency::p99));
    }
    return table;
  }

  private String devices() {
    List<StoreStatistics.DeviceFlow> flows = report.store().flows();
    return flows.isEmpty() ? "" : "\n" + titled("Devices", DeviceFlows.table(flows));
  }

  private static String micros(Latency latency, ToLongFunction<Latency> which) {
    return latency.count() == 0 ? "-" : Numbers.micros(which.applyAsLong(latency) / 1e3);
  }

  private Table latencies() {
    Table table = Table.ofNumbers().row("", "p50", "p99", "p99.9", "max", "times");
    report.latencies().forEach((stage, times) -> latency(table, stage, times));
    return table;
  }

  private static void latency(Table table, String stage, Percentiles times) {
    if (times.count() == 0) {
      table.row(stage, "-", "-", "-", "-", "0");
      return;
    }
    table.row(
        stage, Numbers.micros(times.p50()), Numbers.micros(times.p99()),
        Numbers.micros(times.p999()), Numbers.micros(times.max()), Numbers.count(times.count()));
  }

  private String reproduction() {
    return report.reproduction().map(ReportText::reproduction).orElse("");
  }

  private static String reproduction(Reproduction run) {
    List<String> lines = new ArrayList<>();
    String outcomes = Numbers.count(run.outcomes());
    lines.add(
        run.exact()
            ? "Reproduces the run: all %s outcomes are as traced.".formatted(outcomes)
            : "%s of %s outcomes differ from those traced.%s".formatted(
                Numbers.count(run.differing()), outcomes,
                run.sameStore() ? "" : " The store is not the one that was traced."));
    run.differences().forEach(difference -> lines.add("  " + difference));
    if (run.skipped() > 0) {
      lines.add(
          "%s requests refer to what the trace does not have, and were left out."
              .formatted(Numbers.count(run.skipped())));
    }
    if (run.dropped() > 0) {
      lines.add("The trace lacks %s lines.".formatted(Numbers.count(run.dropped())));
    }
    if (!run.fromTheBeginning()) {
      lines.add("Its oldest part is gone: nobody knows what the store held where it begins.");
    }
    if (run.torn()) {
      lines.add("Its last line is torn off.");
    }
    return String.join("\n", lines) + "\n";
  }

  private String remarks() {
    List<String> lines = new ArrayList<>(report.remarks());
    for (StoreStatistics.Tier tier : report.store().tiers()) {
      if (!tier.condition().isEmpty()) {
        lines.add("%s: %s".formatted(tier.name(), tier.condition()));
      }
      if (tier.lost() > 0) {
        lines.add(
            "%s lost %s blocks, which could not be written or read back"
                .formatted(tier.name(), Numbers.count(tier.lost())));
      }
    }
    return lines.isEmpty() ? "" : "  " + String.join("\n  ", lines) + "\n\n";
  }

  private String verdict() {
    if (counts.mismatches() > 0) {
      return "FAILED: %s wrong blocks were served.".formatted(Numbers.count(counts.mismatches()));
    }
    if (!report.passed()) {
      return "FAILED: %s fetches and %s puts moved nothing."
          .formatted(Numbers.count(counts.failedFetches()), Numbers.count(counts.failedPuts()));
    }
    return "Every one of the %s bytes fetched is right."
        .formatted(Numbers.count(counts.verifiedBytes()));
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
