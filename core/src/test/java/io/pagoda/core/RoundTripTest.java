package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.ElementType;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.ModelSpec;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.pool.Engines;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.tck.MemoryTier;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Blocks go the whole way: gathered from one engine, stored in a colder tier, loaded again and
 * scattered into another engine, of any layout, number of ranks and kind of elements, which
 * is compared whole, what lies around its memory included.
 */
class RoundTripTest {
  private static final long SEED = Long.getLong("pagoda.seed", System.nanoTime());

  private final SplittableRandom random = new SplittableRandom(SEED);

  @ParameterizedTest
  @CsvSource({"false, 1", "false, 2", "false, 4", "true, 1", "true, 2", "true, 4"})
  void everyLayoutComesBackAsEveryOther(boolean shared, int ranks) {
    for (KvLayout from : KvLayout.values()) {
      for (KvLayout to : KvLayout.values()) {
        for (ElementType type : List.of(ElementType.FP8, ElementType.BF16, ElementType.FP32)) {
          travel(Engines.Shape.random(random, shared, ranks, type), from, to);
        }
      }
    }
  }

  private void travel(Engines.Shape shape, KvLayout from, KvLayout to) {
    ModelSpec model = shape.model();
    int blocks = shape.blocks();
    String repeat = "repeat with -Dpagoda.seed=" + SEED + " " + shape;
    try (Arena arena = Arena.ofShared();
        BlockStore store = store(model, blocks)) {
      var source = new Engines(model, from, blocks, arena, random);
      var target = new Engines(model, to, blocks + 3, arena, random);
      source.identify();
      target.blank();
      Pool out = store.register(source.pool().parts());
      Pool in = store.register(target.pool().parts());
      int[] some = IntStream.range(0, blocks).filter(_ -> random.nextBoolean()).toArray();
      int[] elsewhere = IntStream.of(some).map(block -> blocks + 2 - block).toArray();
      BlockKeys keys = keys(1, some.length);
      finish(store.put(keys, out, some), some.length, repeat);
      finish(
          store.put(keys(1_000, blocks), out, IntStream.range(0, blocks).toArray()), blocks,
          repeat);
      Match match = store.match(keys);
      assertEquals(some.length, match.blocksAt("far"), repeat);
      JobOptions options =
          random.nextBoolean() ? JobOptions.DEFAULT : JobOptions.DEFAULT.telling((_, _) -> {});
      finish(
          store.fetch(in, List.of(new Fetch(match, elsewhere, options))).getFirst(), some.length,
          repeat);
      for (int i = 0; i < some.length; i++) {
        target.expect(elsewhere[i], some[i]);
      }
      assertEquals("", target.difference(), repeat);
    }
  }

  /** Host memory has room for one prefix, so another displaces it. */
  private static BlockStore store(ModelSpec model, int blocks) {
    int bytes = Math.toIntExact(model.blockBytes());
    var host = new SimulatedHub(blocks, bytes);
    var far = new MemoryTier(2 * blocks, bytes);
    var graph = new TierGraph(
        List.of(
            new TierNode("host", host, LruPolicyProvider.lru(blocks)),
            new TierNode("far", far, LruPolicyProvider.lru(2 * blocks))),
        List.of(new Edge("far", WritePolicy.THROUGH, Promotion.COPY)), Sections.of(model, 3, 64));
    return Engine.open(graph, EngineSettings.DEFAULT, StageTimes.NONE);
  }

  private static BlockKeys keys(long first, int count) {
    return BlockKeys.ofWords(LongKeys.words(first, count));
  }

  private static void finish(Job job, int blocks, String repeat) {
    assertEquals(blocks, await(job.settled()).blocks(), repeat);
    assertEquals(blocks, await(job.finished()).blocks(), repeat);
  }

  private static Outcome await(CompletionStage<Outcome> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
