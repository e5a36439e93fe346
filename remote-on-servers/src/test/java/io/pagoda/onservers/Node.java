package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Job;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.Engine;
import io.pagoda.core.EngineSettings;
import io.pagoda.core.StageTimes;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Reach;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.MemoryTier;
import io.pagoda.tck.Pattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A machine that shares a bucket: an engine with host memory for two prefixes, and what they are
 * fetched into. Prefixes are named by numbers, and their blocks are patterns of them.
 */
final class Node implements AutoCloseable {
  /** How many blocks a prefix has. */
  static final int BLOCKS = 12;

  private static final int BLOCK = 64 << 10;
  private static final PoolSpec SHAPE = new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, BLOCKS, BLOCK / 4);
  /** For one whose server goes away. */
  static final Map<String, ?> HASTY = Map.of(
      "deadline", "5s", "stall", "2s", "retry.backoff", "5ms", "retry.backoff-limit", "50ms",
      "look-up.deadline", "3s", "on-unreachable", "tolerate", "breaker.failures", 2,
      "breaker.pause", "100ms", "breaker.pause-limit", "400ms");

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(SHAPE.bytes(), 4096);
  private final MemorySegment expected = arena.allocate(BLOCK, 8);
  private final BlockStore store;
  private final Pool pool;

  Node(Client client, URI endpoint, String bucket, Map<String, ?> settings) {
    var hub = new MemoryTier(2 * BLOCKS, BLOCK);
    StorageTier remote = client.tier(endpoint, bucket, BLOCK, settings);
    var edge = new Edge("bucket", WritePolicy.THROUGH, Promotion.COPY);
    var graph =
        new TierGraph(List.of(tier("host", hub), tier("bucket", remote)), List.of(edge), BLOCK);
    var reach = new Reach(Duration.ofSeconds(30), Duration.ZERO);
    this.store = Engine.open(graph, List.of(), EngineSettings.DEFAULT.with(reach), StageTimes.NONE);
    this.pool = store.register(SHAPE, memory);
  }

  private static TierNode tier(String name, StorageTier tier) {
    return new TierNode(name, tier, LruPolicyProvider.lru(tier.spec().slots()));
  }

  private static BlockKeys prefix(int number) {
    return BlockKeys.ofWords(
        LongStream.range(0, BLOCKS)
            .flatMap(i -> LongStream.of(number + 1L, seed(number, i)))
            .toArray());
  }

  private static long seed(int number, long block) {
    return 1000L * number + block;
  }

  private static int[] all() {
    return IntStream.range(0, BLOCKS).toArray();
  }

  private MemorySegment block(int index) {
    return memory.asSlice((long) index * BLOCK, BLOCK);
  }

  /** Puts what it has computed, and waits for one of a job's ends. */
  Outcome put(int number, Function<Job, CompletionStage<Outcome>> end) {
    for (int i = 0; i < BLOCKS; i++) {
      Pattern.write(block(i), seed(number, i));
    }
    Job job = store.put(prefix(number), pool, all());
    await(job.settled());
    return await(end.apply(job));
  }

  /** {@return how many blocks a fetch brought; each was compared, byte by byte} */
  int fetch(int number) {
    memory.fill((byte) -1);
    int brought = await(store.fetch(store.match(prefix(number)), pool, all()).settled()).blocks();
    for (int i = 0; i < brought; i++) {
      Pattern.write(expected, seed(number, i));
      assertEquals(-1, block(i).mismatch(expected), "block " + i + " of prefix " + number);
    }
    return brought;
  }

  /** {@return how many blocks of others it has come to know} */
  long discovered() {
    return store.statistics().tiers().getLast().count(TierCount.DISCOVERED);
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(120, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    pool.close();
    store.close();
    arena.close();
  }

  @Override
  public String toString() {
    return store.statistics().toString();
  }
}
