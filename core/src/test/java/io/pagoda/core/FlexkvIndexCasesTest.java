package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.JointMatch;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.Pool;
import io.pagoda.Put;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What FlexKV's index, its pool of slots and its transfers are tested for, told of this engine; the
 * numbers are those of its cases. Where this engine does better, the test says so.
 */
class FlexkvIndexCasesTest extends EngineRig {
  private static final ModelFingerprint MODEL = ModelFingerprint.of("flexkv", BLOCK);

  private static BlockKeys tokens(int perBlock, int... tokens) {
    return BlockHasher.of(MODEL, perBlock).keys(Namespace.SHARED, tokens);
  }

  private static int matched(BlockStore store, BlockKeys keys) {
    try (Match match = store.match(keys)) {
      return match.blocks();
    }
  }

  private long used(BlockStore store) {
    return store.statistics().tiers().getFirst().used();
  }

  private static Draft draft(BlockStore store, BlockKeys keys) {
    return store.draft(keys, Namespace.SHARED);
  }

  /** Stores what was drafted, from the pool's first blocks. */
  private Outcome put(BlockStore store, Pool pool, Draft draft) {
    int[] from = upTo(draft.keys().size());
    fill(draft.keys(), from);
    var put = new Put(draft, from, JobOptions.DEFAULT);
    return await(store.put(pool, List.of(put)).getFirst());
  }

  @Test
  void case13MatchesBlocksAndOnlyThoseThatAreReady() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = tokens(1, 1, 2, 3, 4);
      Draft unready = draft(store, keys);
      assertEquals(4, unready.blocks());
      assertEquals(0, matched(store, keys), "nothing is ready");
      put(store, pool, unready);
      assertEquals(4, matched(store, keys));
      assertEquals(2, matched(store, tokens(1, 1, 2, 30, 40)));
    }
  }

  @Test
  void case14ABranchIsAsReadyAsWhatItGrowsFrom() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      Draft first = draft(store, tokens(1, 1, 2, 3, 4));
      Draft branch = draft(store, tokens(1, 1, 2, 30, 40));
      assertEquals(
          List.of(false, false, true, true), IntStream.range(0, 4).mapToObj(branch::lacks).toList(),
          "the branch adds 2");
      fill(branch.keys(), 8, 9, 10, 11);
      Job branchJob =
          store.put(pool, List.of(new Put(branch, new int[] {8, 9, 10, 11}, JobOptions.DEFAULT)))
              .getFirst();
      assertEquals(0, matched(store, branch.keys()), "its beginning is not ready");
      put(store, pool, first);
      assertEquals(4, await(branchJob).blocks());
      assertEquals(4, matched(store, branch.keys()));
    }
  }

  /** FlexKV refuses the second insertion as stale; here the second knows of the first. */
  @Test
  void case15TwoPutsThatMatchedBeforeEitherWasStored() {
    BlockStore store = store(64, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      Draft one = draft(store, tokens(1, 1, 2));
      Draft same = draft(store, tokens(1, 1, 2));
      Draft other = draft(store, tokens(1, 1, 3));
      assertEquals(3, used(store), "2 blocks of the first, none of its twin, 1 of the other");
      put(store, pool, one);
      put(store, pool, same);
      assertEquals(2, matched(store, tokens(1, 1, 2)));
      assertEquals(1, matched(store, tokens(1, 1, 3)));
      other.close();
      assertEquals(2, used(store));
    }
  }

  /** FlexKV loses the third branch's end to a conflict (6 cached, S = 3); here all is kept. */
  @Test
  void case16ThreeBranches() {
    BlockStore store = store(16, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      put(store, pool, draft(store, tokens(1, 1, 2, 3, 4)));
      BlockKeys s = tokens(1, 1, 2, 30, 40);
      BlockKeys c = tokens(1, 1, 2, 30, 50);
      assertEquals(2, matched(store, s));
      assertEquals(2, matched(store, c));
      Draft second = draft(store, c);
      Draft third = draft(store, s);
      put(store, pool, second);
      put(store, pool, third);
      assertEquals(4, matched(store, tokens(1, 1, 2, 3, 4)));
      assertEquals(4, matched(store, c));
      assertEquals(4, matched(store, s));
      assertEquals(7, used(store));
    }
  }

  @Test
  void case17BlocksOfTwoTokens() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      put(store, pool, draft(store, tokens(2, 1, 2, 3, 4, 5, 6, 7, 8)));
      assertEquals(2, matched(store, tokens(2, 1, 2, 3, 4, 50, 60, 70, 80)));
    }
  }

  @Test
  void case21TakesNothingTooMuchAndAllThatIsLeft() {
    BlockStore store = store(100, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      var space = ((Engine) store).look(ledger -> ledger.space);
      assertEquals(0, space.reserve(0).size());
      assertThrows(IllegalArgumentException.class, () -> space.reserve(-1));
      put(store, pool, draft(store, keys(1, 10)));
      try (Match pinned = store.match(keys(1, 10))) {
        Draft most = draft(store, keys(1000, 100));
        assertEquals(90, most.blocks(), pinned.blocks() + " are pinned");
        most.close();
      }
      Draft all = draft(store, keys(1000, 100));
      assertEquals(100, all.blocks());
      assertEquals(0, matched(store, keys(1, 10)), "everything had to go");
      all.close();
      assertEquals(0, used(store));
    }
  }

  /** A caller has no slots in its hands; what it can name wrongly are blocks of its own memory. */
  @Test
  void case22RefusesWhatIsNotThere() {
    BlockStore store = store(8, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      var space = ((Engine) store).look(ledger -> ledger.space);
      assertThrows(IllegalStateException.class, () -> space.release(0, 3), "it is free");
      BlockKeys keys = keys(1, 2);
      assertThrows(IndexOutOfBoundsException.class, () -> store.put(keys, pool, 0, 16));
      assertThrows(IndexOutOfBoundsException.class, () -> store.put(keys, pool, -1, 0));
      assertThrows(IllegalArgumentException.class, () -> store.put(keys, pool, 0));
      await(store.put(keys, pool, 0, 1));
      Match match = store.match(keys);
      assertThrows(IllegalArgumentException.class, () -> store.fetch(match, pool, 4, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> store.fetch(match, pool, 4, 99));
      assertEquals(2, await(store.fetch(match, pool, 4, 5)).blocks(), "nothing was taken");
    }
  }

  /** FlexKV publishes 2 of [T,T,F,T] and throws the last away; here the last is kept as well. */
  @Test
  void case30ALoadThatBringsSomeBlocks() {
    BlockStore store = store(4, EngineSettings.DEFAULT, THROUGH);
    try (Pool pool = store.register(SPEC, memory)) {
      BlockKeys keys = keys(1, 4);
      fill(keys, upTo(4));
      awaitWithDisk(store.put(keys, pool, upTo(4)));
      awaitIdleWithDisk(store);
      awaitWithDisk(store.put(keys(50, 4), pool, upTo(4)));
      awaitIdleWithDisk(store);
      disk.spoilNext = 2;
      Outcome outcome = awaitWithDisk(store.prefetch(store.match(keys), JobOptions.DEFAULT));
      assertEquals(End.PARTIAL, outcome.end());
      assertEquals(2, outcome.blocks());
      assertEquals(2, matched(store, keys));
      assertEquals(3, used(store), "blocks 0, 1 and 3");
      awaitWithDisk(store.put(keys(90, 4), pool, upTo(4)));
      awaitIdleWithDisk(store);
      disk.spoilNext = 0;
      outcome = awaitWithDisk(store.prefetch(store.match(keys.prefix(2)), JobOptions.DEFAULT));
      assertEquals(End.FAILED, outcome.end());
      assertTrue(outcome.reason().contains("differ"), outcome.reason());
    }
  }

  @Test
  void case32AJobWithNothingToDoIsDoneAtOnce() {
    BlockStore store = store(4, EngineSettings.DEFAULT);
    try (Pool pool = store.register(SPEC, memory)) {
      Job empty = store.fetch(store.match(keys(1, 4)), pool);
      assertTrue(empty.finished().toCompletableFuture().isDone());
      assertEquals(new Outcome(End.COMPLETED, 0, ""), await(empty));
      await(store.put(keys(1, 4), pool, upTo(4)));
      assertTrue(store.put(keys(1, 4), pool, upTo(4)).finished().toCompletableFuture().isDone());
    }
  }

  @Test
  void case31APrefixEndsWhereBothStoresHoldIt() {
    BlockKeys keys = tokens(1, 1, 2, 3, 4, 5);
    BlockStore full = store(8, EngineSettings.DEFAULT);
    BlockStore window = store(8, EngineSettings.DEFAULT);
    try (Pool fullPool = full.register(SPEC, memory);
        Pool windowPool = window.register(SPEC, memory)) {
      put(full, fullPool, draft(full, keys));
      put(window, windowPool, draft(window, keys.range(2, 3)));
      try (JointMatch match = JointMatch.of(full, window, keys, 1)) {
        assertEquals(3, match.blocks());
        assertEquals(5, match.full().blocks());
        assertEquals(keys.range(2, 3), match.window().keys());
      }
    }
  }

  @Test
  void theJointPrefixIsTheLongestThereIs() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int trial = 0; trial < 200; trial++) {
      BlockKeys keys = tokens(1, random.ints(12, 1, 1000).toArray());
      BlockStore full = store(16, EngineSettings.DEFAULT);
      BlockStore window = store(16, EngineSettings.DEFAULT);
      int held = random.nextInt(13);
      int reach = 1 + random.nextInt(4);
      boolean[] there = new boolean[12];
      try (Pool fullPool = full.register(SPEC, memory);
          Pool windowPool = window.register(SPEC, memory)) {
        put(full, fullPool, draft(full, keys.prefix(held)));
        for (int i = 0; i < 12; i++) {
          there[i] = random.nextInt(4) > 0;
          if (there[i]) {
            put(window, windowPool, draft(window, keys.range(i, i + 1)));
          }
        }
        try (JointMatch match = JointMatch.of(full, window, keys, reach)) {
          assertEquals(longest(held, reach, there), match.blocks(), "seed " + seed);
        }
        BlockKeys others = tokens(1, random.ints(16, 2000, 9000).distinct().limit(16).toArray());
        int stored = put(window, windowPool, draft(window, others)).blocks();
        assertEquals(others.size(), stored, "what was looked at is free to go; seed " + seed);
      }
    }
  }

  private static int longest(int held, int reach, boolean[] there) {
    return IntStream.iterate(held, end -> end >= 0, end -> end - 1)
        .filter(end -> IntStream.range(Math.max(0, end - reach), end).allMatch(i -> there[i]))
        .findFirst()
        .orElseThrow();
  }
}
