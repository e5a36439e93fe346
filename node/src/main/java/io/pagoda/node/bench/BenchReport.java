package io.pagoda.node.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/**
 * The figures of benchmarks, for people and for machines.
 *
 * @param results in the order in which they are shown
 */
public record BenchReport(List<BenchResult> results) {
  private static final Map<String, DoubleFunction<String>> UNITS = Map.of(
      "_ns", nanos -> Numbers.micros(nanos / 1e3), "_gb_per_s", Numbers::rate, "_bytes",
      bytes -> Numbers.count(Math.round(bytes)) + " B", "_times",
      times -> String.format(Locale.ROOT, "%.2f times", times));

  /** {@return whether everything that was moved arrived as it was} */
  public boolean passed() {
    return results.stream().allMatch(BenchResult::passed);
  }

  /** {@return a table, with a line end after the last line} */
  public String text() {
    Table table = Table.ofNumbers().row("", "with", "median", "bandwidth", "of the limit", "");
    for (BenchResult result : results) {
      table.row(
          result.name(), joined(result.params()),
          shown(result.p50Nanos(), nanos -> Numbers.micros(nanos / 1e3)),
          shown(result.gigabytesPerSecond(), Numbers::rate),
          shown(result.ratio(), Numbers::percent), figures(result.further()));
    }
    return table + "\n";
  }

  private static String shown(OptionalDouble figure, DoubleFunction<String> format) {
    return figure.isPresent() ? format.apply(figure.getAsDouble()) : "";
  }

  private static String joined(Map<String, ?> values) {
    return values.entrySet()
        .stream()
        .map(entry -> entry.getKey() + " " + number(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String figures(Map<String, Double> further) {
    return further.entrySet()
        .stream()
        .map(figure -> figure(figure.getKey(), figure.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** A figure in its unit, which is what its name ends in. */
  private static String figure(String name, double value) {
    for (var unit : UNITS.entrySet()) {
      if (name.endsWith(unit.getKey())) {
        String what = name.substring(0, name.length() - unit.getKey().length());
        return what.replace('_', ' ') + " " + unit.getValue().apply(value);
      }
    }
    return name.replace('_', ' ') + " " + Numbers.count(Math.round(value));
  }

  private static String number(Object value) {
    return switch (value) {
      case Integer whole -> Numbers.count(whole);
      case Long whole -> Numbers.count(whole);
      case Double fraction -> String.format(Locale.ROOT, "%,.1f", fraction);
      default -> value.toString();
    };
  }

  /** Writes one array with an object for each figure. */
  public void write(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (BenchResult result : results) {
      json.writeStartObject();
      json.writeStringField("name", result.name());
      json.writeObjectFieldStart("params");
      for (var param : result.params().entrySet()) {
        json.writeFieldName(param.getKey());
        json.writeObject(param.getValue());
      }
      json.writeEndObject();
      write(json, "p50_ns", result.p50Nanos());
      write(json, "gb_per_s", result.gigabytesPerSecond());
      write(json, "ratio", result.ratio());
      for (var more : result.further().entrySet()) {
        write(json, more.getKey(), OptionalDouble.of(more.getValue()));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, String field, OptionalDouble figure)
      throws IOException {
    if (figure.isPresent()) {
      json.writeNumberField(field, Math.round(figure.getAsDouble() * 1e4) / 1e4);
    }
  }
}
