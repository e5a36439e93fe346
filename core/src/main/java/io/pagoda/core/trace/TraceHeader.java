package io.pagoda.core.trace;

import io.pagoda.core.EngineSettings;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the first line of every part of a trace says of the store: as much of its configuration as
 * decides what is where.
 *
 * @param model what it is called
 * @param tokensPerBlock how many tokens a block holds
 * @param graph the tiers and roads
 * @param types who opened each tier
 * @param policies who advises each tier, by type
 * @param engine how the engine behaves
 */
public record TraceHeader(
    String model, int tokensPerBlock, TierGraph graph, List<String> types, List<String> policies,
    EngineSettings engine) {
  /** The version of the format. */
  public static final int VERSION = 1;

  /** The field that holds it, and tells a trace from other files. */
  public static final String FORMAT = "pagoda-trace";

  /** Copies the lists. */
  public TraceHeader {
    types = List.copyOf(types);
    policies = List.copyOf(policies);
  }

  /** {@return the header of a part} */
  Json json(Run run, int part) {
    return new Json().field(FORMAT, VERSION)
        .field("run", run.name())
        .field("part", part)
        .field("started", run.started().toString())
        .field("tiers", graph.tiers().stream().map(TierNode::name).toList())
        .field("config", config());
  }

  /**
   * A run of a store, with all parts of its trace.
   *
   * @param name no other run's
   * @param started when it began
   */
  record Run(String name, Instant started) {}

  private Json config() {
    return new Json().field("block-bytes", graph.blockBytes() + "B")
        .field("model", new Json().field("name", model).field("tokens-per-block", tokensPerBlock))
        .field("tiers", tiers())
        .field("graph", new Json().field("edges", graph.edges().stream().map(this::edge).toList()))
        .field("quotas", engine.quotas().stream().map(TraceHeader::quota).toList())
        .field("engine", settings());
  }

  private List<Json> tiers() {
    List<Json> tiers = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      TierNode node = graph.tiers().get(i);
      tiers.add(
          new Json().field("name", node.name())
              .field("type", types.get(i))
              .field("blocks", node.tier().spec().slots())
              .field("eviction", policies.get(i)));
    }
    return tiers;
  }

  private Json edge(Edge edge) {
    return new Json().field("to", edge.to())
        .field("write", word(edge.write()))
        .field("promote", word(edge.promotion()))
        .field("admit", word(edge.admission()));
  }

  private static Json quota(Quota quota) {
    Json json =
        new Json().field("namespace", quota.namespace().parts()).field("blocks", quota.blocks());
    return quota.timeToLive().isZero()
        ? json
        : json.field("time-to-live", quota.timeToLive().toSeconds() + "s");
  }

  private Json settings() {
    return new Json().field("pin-timeout", engine.pinTimeout().toMillis() + "ms")
        .field("job-timeout", engine.jobTimeout().toMillis() + "ms")
        .field("copy-threads", engine.copyThreads());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
