package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.ElementType;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.LayerGroup;
import io.pagoda.LayerListener;
import io.pagoda.Match;
import io.pagoda.ModelSpec;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Sections;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Fetches that come in layer by layer. */
class LayersTest extends EngineRig {
  private static final Sections SECTIONS =
      Sections.of(
          new ModelSpec(
              "two layers", List.of(LayerGroup.separate(2, 1, CHUNK, ElementType.INT8)), 1, 1),
          2, 1);

  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final LayerListener listener = (layer, blocks) -> told.add(layer + ":" + blocks);

  private BlockStore layered(int hubSlots, Edge... edges) {
    return store(hubSlots, EngineSettings.DEFAULT, SECTIONS, edges);
  }

  private Job fetch(BlockStore store, Pool pool, Match match, int... blocks) {
    var options = JobOptions.DEFAULT.telling(listener);
    return store.fetch(pool, List.of(new Fetch(match, blocks, options))).getFirst();
  }

  private BlockKeys below(BlockStore store, Pool pool) {
    BlockKeys keys = keys(1, 2);
    fill(keys, 0, 1);
    awaitWithDisk(store.put(keys, pool, 0, 1));
    awaitIdleWithDisk(store);
    awaitWithDisk(store.put(keys(50, 2), pool, 2, 3));
    awaitIdleWithDisk(store);
    memory.fill((byte) 0);
    return keys;
  }

  @Test
  void theFirstLayerIsToldOfWhileTheSecondIsOnItsWay() {
    BlockStore store = layered(2, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = below(store, pool);
      Job job = fetch(store, pool, store.match(keys), 5, 6);
      runDiskOnce();
      awaitUntil(() -> !told.isEmpty(), "the first layer is told of");
      assertEquals(List.of("0:2"), told);
      long second = SPEC.offset(5, 1, 0);
      assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, second + 3), "layer 1 is not there yet");
      assertEquals(new Outcome(End.COMPLETED, 2, ""), awaitWithDisk(job));
      assertEquals(List.of("0:2", "1:2"), told);
      assertFilled(keys, 5, 6);
    }
  }

  @Test
  void whatIsInTheHubIsToldOfToo() {
    BlockStore store = layered(4);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 3);
      fill(keys, upTo(3));
      await(store.put(keys, pool, upTo(3)));
      memory.fill((byte) 0);
      await(fetch(store, pool, store.match(keys), 7, 8, 9));
      assertEquals(List.of("0:3", "1:3"), told);
      assertFilled(keys, 7, 8, 9);
    }
  }

  @Test
  void aStoreWhoseBlocksAreWholeTellsOfAllLayersAtTheEnd() {
    BlockStore store = store(4, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      await(store.put(keys(1, 3), pool, upTo(3)));
      await(fetch(store, pool, store.match(keys(1, 3)), 7, 8, 9));
      assertEquals(List.of("0:3", "1:3"), told);
    }
  }

  @Test
  void aLayerThatArrivesSpoiltIsNotToldOfAndItsBlockNotFetchedAgain() {
    BlockStore store = layered(2, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = below(store, pool);
      Job job = fetch(store, pool, store.match(keys), 5, 6);
      runDiskOnce();
      awaitUntil(() -> !told.isEmpty(), "the first layer is told of");
      disk.spoilNext = 1;
      Outcome outcome = awaitWithDisk(job);
      assertEquals(1, outcome.blocks());
      assertEquals(List.of("0:2", "1:1"), told, "the second block lost its second layer");
      assertEquals(1, store.statistics().tiers().get(1).corrupt());
      assertEquals(1, store.match(keys).blocks());
      assertTrue(outcome.reason().contains("differ"), outcome.reason());
    }
  }

  @Test
  void aFetchInPiecesTellsOfLayersWithItsLastPiece() {
    BlockStore store = layered(1, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 2);
      fill(keys, 0, 1);
      awaitWithDisk(store.put(keys.prefix(1), pool, 0));
      awaitIdleWithDisk(store);
      awaitWithDisk(store.put(keys(50, 1), pool, 3));
      awaitIdleWithDisk(store);
      assertEquals(2, awaitWithDisk(store.put(keys, pool, 0, 1)).blocks());
      awaitIdleWithDisk(store);
      awaitWithDisk(store.put(keys(70, 1), pool, 3));
      awaitIdleWithDisk(store);
      memory.fill((byte) 0);
      assertEquals(2, awaitWithDisk(fetch(store, pool, store.match(keys), 5, 6)).blocks());
      assertEquals(List.of("0:2", "1:2"), told);
      assertFilled(keys, 5, 6);
    }
  }

  /** The disk takes 3 batches at once: two sections of the others, then the first of these. */
  @Test
  void whoCountsOnAFetchThatIsCancelledBetweenItsLayersLoadsItself() {
    BlockStore store = layered(4, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = below(store, pool);
      BlockKeys others = keys(20, 2);
      awaitWithDisk(store.put(others, pool, 0, 1));
      awaitIdleWithDisk(store);
      awaitWithDisk(store.put(keys(70, 4), pool, upTo(4)));
      awaitIdleWithDisk(store);
      memory.fill((byte) 0);
      Job busy = fetch(store, pool, store.match(others), 2, 3);
      Job cancelled = fetch(store, pool, store.match(keys), 5, 6);
      awaitUntil(() -> disk.inFlight.size() == 3, "the disk is asked for as much as it takes");
      cancelled.cancel();
      runDiskOnce();
      awaitUntil(() -> disk.inFlight.size() == 2, "the second layer is given up");
      Job waiting = store.fetch(store.match(keys), pool, 8, 9);
      Job prefetch = store.prefetch(store.match(keys), JobOptions.DEFAULT);
      assertEquals(new Outcome(End.COMPLETED, 2, ""), awaitWithDisk(waiting));
      assertEquals(new Outcome(End.COMPLETED, 2, ""), awaitWithDisk(prefetch));
      assertEquals(2, awaitWithDisk(busy).blocks());
      awaitIdleWithDisk(store);
      memory.fill((byte) 0);
      assertEquals(2, await(store.fetch(store.match(keys), pool, 8, 9)).blocks());
      assertFilled(keys, 8, 9);
    }
  }
}
