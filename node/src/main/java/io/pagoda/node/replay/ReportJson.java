package io.pagoda.node.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.Latency;
import io.pagoda.StoreStatistics.Operation;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Writes a report for machines. Scripts rely on the names of its fields. */
public final class ReportJson {
  private final JsonGenerator json;

  /** Creates a writer; the caller keeps and closes {@code json}. */
  public ReportJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes the report as one object. */
  public void write(ReplayReport report) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("passed", report.passed());
    settings(report.settings());
    counts(report.counts());
    evictions(report);
    number("seconds", report.seconds());
    if (report.peakResidentBytes().isPresent()) {
      json.writeNumberField("peak_rss_bytes", report.peakResidentBytes().get());
    }
    tiers(report.store());
    hops(report.store());
    flows(report.store());
    jobs(report.store().jobs());
    operations(report.store());
    latencies(report.latencies());
    if (report.reproduction().isPresent()) {
      reproduction(report.reproduction().get());
    }
    json.writeArrayFieldStart("remarks");
    for (String remark : report.remarks()) {
      json.writeString(remark);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void reproduction(Reproduction run) throws IOException {
    json.writeObjectFieldStart("reproduction");
    json.writeBooleanField("exact", run.exact());
    json.writeNumberField("outcomes", run.outcomes());
    json.writeNumberField("differing", run.differing());
    json.writeNumberField("skipped", run.skipped());
    json.writeNumberField("dropped", run.dropped());
    json.writeBooleanField("from_the_beginning", run.fromTheBeginning());
    json.writeBooleanField("torn", run.torn());
    json.writeBooleanField("same_store", run.sameStore());
    json.writeArrayFieldStart("differences");
    for (String difference : run.differences()) {
      json.writeString(difference);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void settings(ReplaySettings settings) throws IOException {
    json.writeNumberField("block_bytes", settings.geometry().blockBytes());
    json.writeNumberField("callers", settings.callers());
    json.writeStringField("speed", settings.pace().toString());
  }

  private void counts(Counts counts) throws IOException {
    json.writeNumberField("requests", counts.requests());
    json.writeNumberField("references", counts.references());
    json.writeNumberField("prefix_hits", counts.prefixHits());
    number("hit_ratio", counts.hitRatio());
    map("hits_by_tier", counts.hitsByTier());
    json.writeNumberField("tokens", counts.tokens());
    json.writeNumberField("tokens_saved", counts.tokensSaved());
    json.writeNumberField("verified_bytes", counts.verifiedBytes());
    json.writeNumberField("mismatches", counts.mismatches());
    json.writeNumberField("short_fetches", counts.shortFetches());
    json.writeNumberField("failed_fetches", counts.failedFetches());
    json.writeNumberField("short_puts", counts.shortPuts());
    json.writeNumberField("failed_puts", counts.failedPuts());
  }

  private void evictions(ReplayReport report) throws IOException {
    json.writeNumberField("evictions", report.evictions());
    json.writeObjectFieldStart("evictions_by_tier");
    for (StoreStatistics.Tier tier : report.store().tiers()) {
      json.writeNumberField(tier.name(), tier.evictions());
    }
    json.writeEndObject();
  }

  private void tiers(StoreStatistics store) throws IOException {
    json.writeArrayFieldStart("tiers");
    for (StoreStatistics.Tier tier : store.tiers()) {
      json.writeStartObject();
      json.writeStringField("name", tier.name());
      figures(tier.counts());
      json.writeStringField("state", word(tier.state()));
      json.writeStringField("why", tier.why());
      number("state_seconds", tier.lasting().toMillis() / 1e3);
      number("hit_ratio", store.hitRatio(tier));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void hops(StoreStatistics store) throws IOException {
    json.writeArrayFieldStart("hops");
    for (StoreStatistics.Hop hop : store.hops()) {
      json.writeStartObject();
      json.writeStringField("edge", hop.from() + "->" + hop.to());
      json.writeStringField("from", hop.from());
      json.writeStringField("to", hop.to());
      figures(hop.counts());
      number("gb_per_s", hop.gigabytesPerSecond());
      latency("wait_us", hop.waiting());
      latency("service_us", hop.service());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void flows(StoreStatistics store) throws IOException {
    json.writeArrayFieldStart("devices");
    for (StoreStatistics.DeviceFlow flow : store.flows()) {
      json.writeStartObject();
      json.writeStringField("device", flow.device());
      json.writeStringField("path", flow.path());
      json.writeStringField("direction", flow.toDevice() ? "in" : "out");
      json.writeNumberField("batches", flow.batches());
      json.writeNumberField("bytes", flow.bytes());
      json.writeNumberField("busy_nanos", flow.busyNanos());
      number("gb_per_s", flow.gigabytesPerSecond());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void jobs(StoreStatistics.Jobs jobs) throws IOException {
    json.writeObjectFieldStart("jobs");
    figures(jobs.counts());
    json.writeEndObject();
  }

  private void operations(StoreStatistics store) throws IOException {
    json.writeObjectFieldStart("operation_us");
    for (Operation operation : Operation.values()) {
      latency(word(operation), store.latency(operation));
    }
    json.writeEndObject();
  }

  private void latency(String name, Latency latency) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("count", latency.count());
    number("p50", latency.p50() / 1e3);
    number("p90", latency.p90() / 1e3);
    number("p99", latency.p99() / 1e3);
    number("max", latency.max() / 1e3);
    json.writeEndObject();
  }

  private void figures(Map<? extends Enum<?>, Long> counts) throws IOException {
    for (var count : counts.entrySet()) {
      json.writeNumberField(word(count.getKey()), count.getValue());
    }
  }

  private static String word(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  private void latencies(Map<String, Percentiles> latencies) throws IOException {
    json.writeObjectFieldStart("latency_us");
    for (var stage : latencies.entrySet()) {
      Percentiles percentiles = stage.getValue();
      json.writeObjectFieldStart(stage.getKey());
      json.writeNumberField("count", percentiles.count());
      number("p50", percentiles.p50());
      number("p99", percentiles.p99());
      number("p999", percentiles.p999());
      number("max", percentiles.max());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private void map(String name, Map<String, Long> values) throws IOException {
    json.writeObjectFieldStart(name);
    for (var entry : values.entrySet()) {
      json.writeNumberField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }

  /** Six decimals are more than any figure here deserves. */
  private void number(String name, double value) throws IOException {
    json.writeNumberField(name, Math.round(value * 1e6) / 1e6);
  }
}
