package io.pagoda.node.sim;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Lays out what was tried, for people and for machines.
 *
 * @param sim what was asked
 * @param cells what came of it
 */
public record SimReport(Sim sim, List<SimCell> cells) {
  /** Copies the list. */
  public SimReport {
    cells = List.copyOf(cells);
  }

  /** {@return the text, with a line end after the last line} */
  public String text() {
    StringBuilder text = new StringBuilder(heading()).append(", in blocks\n");
    text.append(table(cell -> ratio(cell.hitRatio()))).append("\n");
    if (tiers() > 1) {
      text.append("\nOf that in the tier below\n");
      text.append(table(cell -> ofTiers(cell, ratio(cell.hitRatio(1)), "-"))).append("\n");
      text.append("\nBlocks written to the tier below\n");
      text.append(table(cell -> ofTiers(cell, Numbers.count(cell.writes(1)), "-"))).append("\n");
    }
    sim.setup().costs().ifPresent(costs -> {
      text.append("\nEstimated time to the first token on the average, in milliseconds\n");
      text.append(table(cell -> ofTiers(cell, figure("%.1f", costed(costs, cell)), "-")))
          .append("\n");
    });
    text.append("\nMillions of references a second, of one thread\n");
    text.append(table(cell -> figure("%.2f", rate(cell)))).append("\n");
    return text.toString();
  }

  /** {@return what the hit ratios are of} */
  String heading() {
    return tiers() > 1
        ? "Hit ratio of both tiers together by capacity of the first"
        : "Hit ratio by capacity";
  }

  /** {@return the time to the first token, unless nobody knows which tier has what} */
  OptionalDouble firstToken(SimCosts costs, SimCell cell) {
    return tells(cell) ? OptionalDouble.of(costed(costs, cell)) : OptionalDouble.empty();
  }

  /** {@return how many blocks were written to the tier below, unless there are no tiers in it} */
  OptionalDouble writesBelow(SimCell cell) {
    return tells(cell) ? OptionalDouble.of((double) cell.writes(1)) : OptionalDouble.empty();
  }

  private double costed(SimCosts costs, SimCell cell) {
    return costs.firstToken(cell, sim.trace());
  }

  /** {@return whether it tells tiers apart, if there are two: an optimum does not} */
  private boolean tells(SimCell cell) {
    return tiers() == 1 || cell.counts().isPresent();
  }

  private String ofTiers(SimCell cell, String figure, String none) {
    return tells(cell) ? figure : none;
  }

  private int tiers() {
    return sim.setup().edge().isPresent() ? 2 : 1;
  }

  private double rate(SimCell cell) {
    return sim.trace().references() / cell.seconds() / 1e6;
  }

  /** Says one thing of a cell. */
  @FunctionalInterface
  private interface Figure {
    String of(SimCell cell);
  }

  private Table table(Figure figure) {
    Table table = Table.ofNumbers();
    List<String> head = new ArrayList<>(List.of("policy"));
    sim.setup().capacities().forEach(capacity -> head.add(Numbers.count(capacity)));
    table.row(head.toArray(String[]::new));
    for (String policy : sim.setup().policies()) {
      List<String> row = new ArrayList<>(List.of(policy));
      of(policy).forEach(cell -> row.add(figure.of(cell)));
      table.row(row.toArray(String[]::new));
    }
    return table;
  }

  List<SimCell> of(String policy) {
    return cells.stream().filter(cell -> cell.policy().equals(policy)).toList();
  }

  private static String ratio(double value) {
    return figure("%.4f", value);
  }

  private static String figure(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }

  /** {@return comma-separated lines, the first with names} */
  public String csv() {
    StringBuilder csv = new StringBuilder(
        "policy,capacity,below,hit_ratio,hit_ratio_below,writes_below,first_token_ms,seconds\n");
    for (SimCell cell : cells) {
      boolean two = tiers() > 1 && tells(cell);
      csv.append(
          String.format(
              Locale.ROOT, "%s,%d,%d,%.6f,%s,%s,%s,%.3f%n", cell.policy(), cell.capacity(),
              sim.setup().below(), cell.hitRatio(),
              ofTiers(cell, figure("%.6f", two ? cell.hitRatio(1) : 0), ""),
              ofTiers(cell, Long.toString(two ? cell.writes(1) : 0), ""),
              sim.setup()
                  .costs()
                  .map(costs -> ofTiers(cell, ratio(costed(costs, cell)), ""))
                  .orElse(""),
              cell.seconds()));
    }
    return csv.toString();
  }

  /** Writes one object. */
  public void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("requests", sim.trace().requests().size());
    json.writeNumberField("references", sim.trace().references());
    json.writeStringField("model", sim.setup().model().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("below", sim.setup().below());
    json.writeArrayFieldStart("results");
    for (SimCell cell : cells) {
      json.writeStartObject();
      json.writeStringField("policy", cell.policy());
      json.writeNumberField("capacity", cell.capacity());
      json.writeNumberField("hit_ratio", Math.round(cell.hitRatio() * 1e6) / 1e6);
      if (tiers() > 1 && tells(cell)) {
        json.writeNumberField("hit_ratio_below", Math.round(cell.hitRatio(1) * 1e6) / 1e6);
        json.writeNumberField("writes_below", cell.writes(1));
      }
      if (sim.setup().costs().isPresent() && tells(cell)) {
        double wait = costed(sim.setup().costs().orElseThrow(), cell);
        json.writeNumberField("first_token_ms", Math.round(wait * 1e3) / 1e3);
      }
      json.writeNumberField("references_per_second", Math.round(rate(cell) * 1e6));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
