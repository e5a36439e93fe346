package io.pagoda.core.door;

import io.pagoda.KvStatistics.Row;
import io.pagoda.Match;
import io.pagoda.Namespace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts what was asked for. */
final class Usage {
  private final List<String> tiers;
  private final LongAdder requests = new LongAdder();
  private final LongAdder asked = new LongAdder();
  private final LongAdder stored = new LongAdder();
  private final LongAdder[] hits;

  Usage(List<String> tiers) {
    this.tiers = tiers;
    this.hits = Stream.generate(LongAdder::new).limit(tiers.size()).toArray(LongAdder[]::new);
  }

  void asked(Blocks blocks, Match match) {
    requests.increment();
    asked.add((long) blocks.count() * blocks.tokensPerBlock());
    for (int tier = 0; tier < hits.length && match.blocks() > 0; tier++) {
      hits[tier].add((long) match.blocksAt(tiers.get(tier)) * blocks.tokensPerBlock());
    }
  }

  void stored(int tokens) {
    stored.add(tokens);
  }

  Row row(Namespace namespace) {
    Map<String, Long> found = new LinkedHashMap<>();
    for (int tier = 0; tier < hits.length; tier++) {
      found.put(tiers.get(tier), hits[tier].sum());
    }
    return new Row(namespace, requests.sum(), asked.sum(), found, stored.sum());
  }
}
