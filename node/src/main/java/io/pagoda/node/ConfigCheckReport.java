package io.pagoda.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pagoda.core.config.Complaint;
import io.pagoda.core.deploy.ConfigCheck;
import io.pagoda.core.deploy.MissingTier;
import io.pagoda.core.deploy.ModelSettings;
import io.pagoda.node.text.Numbers;
import io.pagoda.node.text.Table;
import io.pagoda.spi.tier.TierSpec;
import java.io.IOException;
import java.util.stream.Collectors;

/**
 * Tells what a check of a configuration found.
 *
 * @param check what was found
 */
record ConfigCheckReport(ConfigCheck check) {
  /** {@return what a store of a configuration that is right would be, without a line end} */
  String text() {
    String missing =
        check.missing().stream().map(tier -> tier + "\n").collect(Collectors.joining());
    return "%s\n\n%s\n\n%sThe configuration is right.".formatted(model(), tiers(), missing);
  }

  private Table model() {
    ModelSettings model = check.model().orElseThrow();
    Table table = Table.ofNumbers().row("model", model.name());
    double token = bytesPerToken();
    table
        .row("bytes per token", Numbers.count(Math.round(token)), Numbers.bytes(Math.round(token)));
    table.row("tokens per block", Numbers.count(model.tokensPerBlock()));
    long block = check.blockBytes().orElseThrow();
    return table.row("bytes per block", Numbers.count(block), Numbers.bytes(block));
  }

  private double bytesPerToken() {
    return (double) check.blockBytes().orElseThrow() / check.model().orElseThrow().tokensPerBlock();
  }

  private Table tiers() {
    Table table = Table.ofNumbers().row("tier", "type", "blocks", "bytes", "");
    for (ConfigCheck.Tier tier : check.tiers()) {
      if (tier.spec().isPresent()) {
        TierSpec spec = tier.spec().get();
        long bytes = bytes(spec);
        table.row(
            tier.name(), tier.type(), Numbers.count(spec.slots()), Numbers.count(bytes),
            Numbers.bytes(bytes));
      } else {
        table.row(tier.name(), tier.type(), "only opening it can tell");
      }
    }
    check.missing().forEach(tier -> table.row(tier.name(), tier.type(), "left out"));
    return table;
  }

  private static long bytes(TierSpec spec) {
    return Math.multiplyExact(spec.slots(), spec.blockBytes());
  }

  /** Writes it for machines. */
  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("passed", check.passed());
    json.writeArrayFieldStart("complaints");
    for (Complaint complaint : check.complaints()) {
      json.writeString(complaint.message());
    }
    json.writeEndArray();
    if (check.passed()) {
      json.writeStringField("model", check.model().orElseThrow().name());
      json.writeNumberField("bytes_per_token", bytesPerToken());
      json.writeNumberField("tokens_per_block", check.model().orElseThrow().tokensPerBlock());
      json.writeNumberField("block_bytes", check.blockBytes().orElseThrow());
      writeTiers(json);
    }
    json.writeEndObject();
  }

  private void writeTiers(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("tiers");
    for (ConfigCheck.Tier tier : check.tiers()) {
      json.writeStartObject();
      json.writeStringField("name", tier.name());
      json.writeStringField("type", tier.type());
      if (tier.spec().isPresent()) {
        json.writeNumberField("blocks", tier.spec().get().slots());
        json.writeNumberField("bytes", bytes(tier.spec().get()));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("missing");
    for (MissingTier tier : check.missing()) {
      json.writeStartObject();
      json.writeStringField("name", tier.name());
      json.writeStringField("type", tier.type());
      json.writeStringField("reason", tier.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
