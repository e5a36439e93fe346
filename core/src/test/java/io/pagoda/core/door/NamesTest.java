package io.pagoda.core.door;

import static io.pagoda.core.door.Rig.mask;
import static io.pagoda.core.door.Rig.settled;
import static io.pagoda.core.door.Rig.slots;
import static io.pagoda.core.door.Rig.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ElementType;
import io.pagoda.Ending.Cause;
import io.pagoda.KvCache;
import io.pagoda.KvMiss;
import io.pagoda.KvRequest;
import io.pagoda.KvStatistics;
import io.pagoda.KvStatistics.Row;
import io.pagoda.Namespace;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Namespaces and models: who finds whose tokens, what is counted, what a miss is explained by. */
class NamesTest {
  private static KvRequest request(int[] tokens, String... namespace) {
    return KvRequest.of(tokens).in(Namespace.of(namespace));
  }

  /**
   * In FlexKV {@code null}, {@code []} and {@code [""]} are one namespace, and {@code ["a", "b"]}
   * is found as {@code ["a\0b"]}. Here two paths are one only if they have the same parts: an empty
   * part is a part.
   */
  @Test
  void case02BetterEveryPathIsANamespaceOfItsOwn() {
    List<Namespace> all = List.of(
        Namespace.SHARED, Namespace.of(""), Namespace.of("", ""), Namespace.of("a", "b"),
        Namespace.of("b", "a"), Namespace.of("a\0b"), Namespace.of("ab"));
    for (Namespace one : all) {
      try (Rig rig = new Rig(4)) {
        settled(rig.cache.put(KvRequest.of(tokens(1, 8)).in(one), rig.pool, slots(0, 8)));
        for (Namespace other : all) {
          int found = rig.cache.match(KvRequest.of(tokens(1, 8)).in(other)).tokens().count();
          assertEquals(one.equals(other) ? 8 : 0, found, one + " as " + other);
        }
      }
    }
  }

  /** In FlexKV the bytes of a namespace can be mistaken for tokens, one block later. */
  @Test
  void case02BetterANamespaceIsNeverMistakenForTokens() {
    try (Rig rig = new Rig(16)) {
      byte[] letters = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
      int[] rest = tokens(1, 8);
      int[] spelled = IntStream.range(0, 24).map(i -> i < 16 ? letters[i] : rest[i - 16]).toArray();
      settled(rig.cache.put(KvRequest.of(spelled), rig.pool, slots(0, 24)));
      var named = request(rest, "0123456789abcdef");
      assertEquals(0, rig.cache.match(named).tokens().count());
    }
  }

  @Test
  void aMissIsExplainedByTheNamespaceThatHasTheTokens() {
    try (Rig rig = new Rig(8)) {
      int[] tokens = tokens(1, 16);
      settled(rig.cache.put(request(tokens, "tenant-b", "lora"), rig.pool, slots(0, 16)));
      settled(rig.cache.put(request(tokens(1, 4), "tenant-a"), rig.pool, slots(0, 4)));
      KvMiss miss = rig.cache.explainMiss(request(tokens, "tenant-a"));
      assertEquals(mask(0, 4, 16), miss.held());
      assertEquals(4, miss.missing());
      assertEquals(Cause.NEVER_STORED, miss.cause());
      assertEquals(1, miss.elsewhere().size());
      assertEquals(Namespace.of("tenant-b", "lora"), miss.elsewhere().getFirst().namespace());
      assertEquals(16, miss.elsewhere().getFirst().tokens());
      String text = miss.text();
      assertTrue(text.contains("token 4 was never stored"), text);
      assertTrue(text.contains("[tenant-b, lora]"), text);
      assertTrue(text.contains("the namespace is [tenant-a] here"), text);
      KvMiss complete = rig.cache.explainMiss(request(tokens, "tenant-b", "lora"));
      assertEquals(Cause.COMPLETE, complete.cause());
      assertEquals(16, complete.missing());
      assertEquals(List.of(), complete.elsewhere());
    }
  }

  @Test
  void aMissIsExplainedByTheModelThatHasTheTokens() {
    try (Rig rig = new Rig(8);
        KvCache halves = rig.doors.open(Rig.model("a-model", ElementType.FP16));
        KvCache other = rig.doors.open(Rig.model("b-model", ElementType.INT8))) {
      settled(rig.cache.put(KvRequest.of(tokens(1, 16)), rig.pool, slots(0, 16)));
      KvMiss type = halves.explainMiss(KvRequest.of(tokens(1, 16)));
      assertEquals(0, type.held().count());
      assertTrue(type.text().contains("the groups of layers"), type.text());
      assertFalse(type.text().contains("the model's name"), type.text());
      KvMiss name = other.explainMiss(KvRequest.of(tokens(1, 16)));
      assertTrue(
          name.text().contains("the model's name (b-model here, a-model there)"), name.text());
      rig.cache.close();
      assertEquals(List.of(), other.explainMiss(KvRequest.of(tokens(1, 16))).elsewhere());
    }
  }

  @Test
  void aMissIsExplainedByWhatBecameOfTheBlock() {
    try (Rig rig = new Rig(4)) {
      rig.putting(tokens(1, 8), 0, mask(0, 8, 8));
      try (var _ = rig.cache.draft(KvRequest.of(tokens(2, 4)))) {
        var soon = rig.cache.explainMiss(KvRequest.of(tokens(2, 4)));
        assertEquals(Cause.NOT_READY, soon.cause());
      }
      rig.putting(tokens(3, 16), 0, mask(0, 16, 16));
      KvMiss gone = rig.cache.explainMiss(KvRequest.of(tokens(1, 8)));
      assertEquals(Cause.EVICTED, gone.cause());
      assertTrue(gone.text().contains("evicted"), gone.text());
    }
  }

  @Test
  void countsByNamespaceAndTier() {
    var through = new Edge("disk", WritePolicy.THROUGH, Promotion.COPY);
    try (Rig rig = new Rig(4, through, Rig.disk(16))) {
      KvRequest mine = request(tokens(1, 18), "mine");
      Rig.await(rig.cache.put(mine, rig.pool, slots(0, 18)).finished());
      settled(rig.cache.fetch(mine, rig.pool, slots(8, 18)));
      Rig.await(rig.put(tokens(2, 16), 0).finished());
      rig.cache.match(mine).close();
      settled(rig.cache.fetch(request(tokens(1, 8), "yours"), rig.pool, slots(0, 8)));
      KvStatistics all = rig.cache.statistics();
      assertEquals(
          List.of(
              new Row(Namespace.SHARED, 0, 0, Map.of("host", 0L, "disk", 0L), 16),
              new Row(Namespace.of("mine"), 2, 32, Map.of("host", 16L, "disk", 16L), 16),
              new Row(Namespace.of("yours"), 1, 8, Map.of("host", 0L, "disk", 0L), 0)),
          all.namespaces());
      assertEquals(1.0, all.namespaces().get(1).hitRatio());
      assertEquals(0.0, all.namespaces().get(2).hitRatio());
      assertEquals(0.0, all.namespaces().get(0).hitRatio());
    }
  }

  @Test
  void manyNamespacesAreCountedTogether() {
    try (Rig rig = new Rig(4)) {
      for (int i = 0; i < Namespaces.KEPT + 50; i++) {
        rig.cache.match(request(tokens(1, 8), "n" + i)).close();
      }
      KvStatistics all = rig.cache.statistics();
      assertEquals(Namespaces.KEPT, all.namespaces().size());
      assertEquals(51, all.others().requests());
      assertEquals(51 * 8, all.others().asked());
      settled(rig.cache.put(request(tokens(1, 8), "n300"), rig.pool, slots(0, 8)));
      assertEquals(8, rig.cache.match(request(tokens(1, 8), "n300")).tokens().count());
      assertEquals(8, rig.cache.statistics().others().stored());
    }
  }
}
