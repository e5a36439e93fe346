package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Job;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.tck.MemoryTier;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** An engine over two tiers in memory, host and disk, with a pool of 16 blocks. */
final class SmallStore implements AutoCloseable {
  static final int BLOCK_BYTES = 128;
  private static final PoolSpec SPEC =
      new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 16, BLOCK_BYTES / 4);

  private final Arena arena = Arena.ofShared();
  final TierGraph graph;
  final BlockStore store;
  final Pool pool;

  SmallStore(int hostSlots, int diskSlots, Edge edge, EngineSettings settings) {
    this(hostSlots, new MemoryTier(new TierSpec(Medium.DISK, diskSlots, BLOCK_BYTES, 1, 4)), edge,
        settings);
  }

  SmallStore(int hostSlots, StorageTier disk, Edge edge, EngineSettings settings) {
    var nodes =
        List.of(node("host", new SimulatedHub(hostSlots, BLOCK_BYTES)), node(edge.to(), disk));
    graph = new TierGraph(nodes, List.of(edge), BLOCK_BYTES);
    store = Engine.open(graph, settings, StageTimes.NONE);
    pool = store.register(SPEC, arena.allocate(SPEC.bytes()));
  }

  private static TierNode node(String name, StorageTier tier) {
    return new TierNode(name, tier, LruPolicyProvider.lru(tier.spec().slots()));
  }

  static BlockKeys keys(long first, int count) {
    return BlockKeys.ofWords(LongKeys.words(first, count));
  }

  static int[] upTo(int count) {
    return IntStream.range(0, count).toArray();
  }

  Outcome put(BlockKeys keys) {
    return over(store.put(keys, pool, upTo(keys.size())));
  }

  Outcome fetch(BlockKeys keys) {
    return over(store.fetch(store.match(keys), pool, upTo(keys.size())));
  }

  static Outcome over(Job job) {
    job.finished().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    return job.settled().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  StoreStatistics.Tier tier(int number) {
    return store.statistics().tiers().get(number);
  }

  @Override
  public void close() {
    pool.close();
    store.close();
    arena.close();
  }
}
