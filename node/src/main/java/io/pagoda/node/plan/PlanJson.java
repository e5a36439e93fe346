package io.pagoda.node.plan;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.ModelSpec;
import io.pagoda.node.plan.CapacityPlan.Point;
import java.io.IOException;
import java.util.List;

/**
 * Writes a plan for machines. Scripts rely on the names of its fields.
 *
 * @param json where to; the caller keeps and closes it
 */
public record PlanJson(JsonGenerator json) {
  /** Writes the plan as one object. */
  public void write(CapacityPlan plan) throws IOException {
    json.writeStartObject();
    model(plan.model());
    trace(plan);
    points("capacities", plan.table());
    points("targets", plan.targets());
    points("given", plan.given());
    json.writeEndObject();
  }

  private void model(ModelSpec model) throws IOException {
    json.writeStringField("model", model.name());
    number("bytes_per_token", model.bytesPerToken());
    json.writeNumberField("tokens_per_block", model.tokensPerBlock());
    json.writeNumberField("block_bytes", model.blockBytes());
    json.writeArrayFieldStart("rank_block_bytes");
    for (int rank = 0; rank < model.tensorParallel(); rank++) {
      json.writeNumber(model.rankBytes(rank));
    }
    json.writeEndArray();
  }

  private void trace(CapacityPlan plan) throws IOException {
    HitCurve curve = plan.curve();
    json.writeNumberField("trace_tokens_per_block", plan.traceTokensPerBlock());
    json.writeNumberField("store_blocks_per_trace_block", plan.scale());
    json.writeNumberField("requests", curve.requests());
    json.writeNumberField("references", curve.references() * plan.scale());
    json.writeNumberField("distinct_blocks", curve.distinct() * plan.scale());
    number("best_hit_ratio", curve.bestRatio());
  }

  private void points(String name, List<Point> points) throws IOException {
    json.writeArrayFieldStart(name);
    for (Point point : points) {
      json.writeStartObject();
      if (!point.what().isEmpty()) {
        json.writeStringField("what", point.what());
      }
      json.writeNumberField("blocks", point.blocks());
      json.writeNumberField("bytes", point.bytes());
      number("hit_ratio", point.hitRatio());
      number("share_of_best", point.shareOfBest());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Six decimals are more than any figure here deserves. */
  private void number(String name, double value) throws IOException {
    json.writeNumberField(name, Math.round(value * 1e6) / 1e6);
  }
}
