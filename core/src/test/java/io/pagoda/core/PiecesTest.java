package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fetches and prefetches of more than the hub has room for at once. */
class PiecesTest extends EngineRig {
  /** Puts a prefix, so many blocks at a time as the hub holds, and has others displace it there. */
  private BlockKeys onDisk(BlockStore store, Pool pool, int count, int hubSlots) {
    BlockKeys keys = keys(1, count);
    fill(keys, upTo(count));
    for (int end = hubSlots; end < count + hubSlots; end += hubSlots) {
      int size = Math.min(end, count);
      assertEquals(size, awaitWithDisk(store.put(keys.prefix(size), pool, upTo(size))).blocks());
      awaitIdleWithDisk(store);
      awaitWithDisk(store.put(keys(1000L * end, hubSlots), pool, upTo(hubSlots)));
      awaitIdleWithDisk(store);
    }
    return keys;
  }

  @ParameterizedTest
  @EnumSource(Promotion.class)
  void aFetchOfMoreThanTheHubHoldsComesInPieces(Promotion promotion) {
    BlockStore store =
        store(3, EngineSettings.DEFAULT, new Edge("disk", WritePolicy.THROUGH, promotion));
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = onDisk(store, pool, 8, 3);
      memory.fill((byte) 0);
      Match match = store.match(keys);
      assertEquals(8, match.blocks());
      int[] into = {15, 3, 9, 0, 7, 1, 2, 4};
      Job job = store.fetch(match, pool, into);
      assertEquals(new Outcome(End.COMPLETED, 8, ""), awaitWithDisk(job));
      assertFilled(keys, into);
    }
  }

  @Test
  void aFetchThatFindsTheHubInUseWaitsForThoseWhoUseIt() {
    BlockStore store = store(2, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = onDisk(store, pool, 4, 2);
      memory.fill((byte) 0);
      Job first = store.fetch(store.match(keys.prefix(2)), pool, 0, 1);
      Job second = store.fetch(store.match(keys), pool, 4, 5, 6, 7);
      assertEquals(new Outcome(End.COMPLETED, 4, ""), awaitWithDisk(second));
      assertEquals(new Outcome(End.COMPLETED, 2, ""), awaitWithDisk(first));
      assertFilled(keys, 4, 5, 6, 7);
    }
  }

  @Test
  void aFetchForWhichThereWillBeNoRoomEndsWithWhatItHas() {
    BlockStore store = store(2, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = onDisk(store, pool, 4, 2);
      await(store.put(keys(50, 2), pool, 8, 9));
      awaitIdleWithDisk(store);
      try (Match holds = store.match(keys(50, 2))) {
        assertEquals(2, holds.blocksAt("host"));
        Outcome outcome = awaitWithDisk(store.fetch(store.match(keys), pool, 4, 5, 6, 7));
        assertEquals(End.FAILED, outcome.end());
        assertTrue(outcome.reason().contains("room for 0 of 4"), outcome.reason());
      }
      assertEquals(4, awaitWithDisk(store.fetch(store.match(keys), pool, 4, 5, 6, 7)).blocks());
    }
  }

  @Test
  void cancellingBetweenPiecesEndsTheRest() {
    BlockStore store = store(2, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = onDisk(store, pool, 8, 2);
      Job job = store.fetch(store.match(keys), pool, upTo(8));
      runDiskOnce();
      assertEquals(End.CANCELLED, awaitCancelled(job).end());
      awaitIdleWithDisk(store);
      assertEquals(0, store.statistics().jobs().running());
      assertEquals(2, store.statistics().tiers().getFirst().used());
    }
  }

  private Outcome awaitCancelled(Job job) {
    var settled = job.cancel().toCompletableFuture();
    while (!settled.isDone()) {
      runDisk();
    }
    return settled.join();
  }

  @Test
  void aPrefetchBringsBlocksUpForTheNextFetch() {
    BlockStore store = store(4, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = onDisk(store, pool, 4, 4);
      awaitWithDisk(store.put(keys(50, 4), pool, upTo(4)));
      awaitIdleWithDisk(store);
      try (Match match = store.match(keys)) {
        assertEquals(4, match.blocksAt("disk"));
      }
      Job job = store.prefetch(store.match(keys), JobOptions.DEFAULT);
      assertEquals(new Outcome(End.COMPLETED, 4, ""), awaitWithDisk(job));
      try (Match match = store.match(keys)) {
        assertEquals(4, match.blocksAt("host"));
      }
      assertFalse(disk.inFlight.iterator().hasNext());
      assertEquals(4, await(store.fetch(store.match(keys), pool, upTo(4))).blocks());
      assertEquals(
          List.of(4L, 0L), store.statistics().tiers().stream().map(tier -> tier.hits()).toList());
    }
  }
}
