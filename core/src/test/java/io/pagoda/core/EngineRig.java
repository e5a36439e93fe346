package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Job;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.PoolSpec;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.spi.tier.StorageTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** An engine with its real threads over small tiers in memory, and a pool to fill and compare. */
abstract class EngineRig {
  static final int CHUNK = 32;
  static final int BLOCK = 2 * 2 * CHUNK;
  static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 16, CHUNK);

  final Arena arena = Arena.ofShared();
  final MemorySegment memory = arena.allocate(SPEC.bytes());
  final SimulatedTier disk = new SimulatedTier(16, BLOCK, new SplittableRandom(1));
  final List<BlockStore> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(this::close);
    arena.close();
    assertEquals("", disk.misuse);
  }

  /** Closes a store, and lets the disk do what it is asked meanwhile. */
  private void close(BlockStore store) {
    var closed = CompletableFuture.runAsync(store::close, task -> Thread.ofPlatform().start(task));
    while (!closed.isDone()) {
      runDisk();
      Thread.onSpinWait();
    }
    closed.join();
  }

  BlockStore store(int hubSlots, EngineSettings settings, Edge... edges) {
    return store(hubSlots, settings, Sections.whole(BLOCK), edges);
  }

  BlockStore store(int hubSlots, EngineSettings settings, Sections sections, Edge... edges) {
    List<TierNode> nodes = new ArrayList<>();
    nodes.add(node("host", new SimulatedHub(hubSlots, BLOCK)));
    for (Edge edge : edges) {
      nodes.add(node(edge.to(), disk));
    }
    var graph = new TierGraph(nodes, List.of(edges), sections);
    BlockStore store = Engine.open(graph, settings, StageTimes.NONE);
    open.add(store);
    return store;
  }

  static TierNode node(String name, StorageTier tier) {
    return new TierNode(name, tier, LruPolicyProvider.lru(tier.spec().slots()));
  }

  static final Edge BACK = new Edge("disk", WritePolicy.BACK, Promotion.MOVE);
  static final Edge THROUGH = new Edge("disk", WritePolicy.THROUGH, Promotion.COPY);

  static BlockKeys keys(long first, int count) {
    return BlockKeys.ofWords(LongKeys.words(first, count));
  }

  void fill(BlockKeys keys, int... blocks) {
    for (int i = 0; i < blocks.length; i++) {
      for (int chunk = 0; chunk < 4; chunk++) {
        long at = SPEC.offset(blocks[i], chunk / 2, chunk % 2);
        for (int j = 0; j < CHUNK; j++) {
          memory.set(ValueLayout.JAVA_BYTE, at + j, pattern(keys.low(i), chunk, j));
        }
      }
    }
  }

  static byte pattern(long low, int chunk, int at) {
    return (byte) (low * 31 + chunk * 7L + at);
  }

  void assertFilled(BlockKeys keys, int... blocks) {
    byte[] found = memory.toArray(ValueLayout.JAVA_BYTE);
    fill(keys, blocks);
    assertEquals(-1, MemorySegment.ofArray(found).mismatch(memory), "bytes differ");
  }

  static Outcome await(Job job) {
    return job.settled().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** Lets the disk do what it was asked, until it is asked nothing more. */
  void runDisk() {
    while (!disk.inFlight.isEmpty()) {
      disk.inFlight.removeFirst().run();
    }
  }

  static void awaitUntil(BooleanSupplier event, String what) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!event.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "It never happens that " + what);
      Thread.onSpinWait();
    }
  }

  /** Lets the disk do one thing that it was asked, or will be. */
  void runDiskOnce() {
    awaitUntil(() -> !disk.inFlight.isEmpty(), "the disk is asked for something");
    disk.inFlight.removeFirst().run();
  }

  Outcome awaitWithDisk(Job job) {
    while (!job.settled().toCompletableFuture().isDone()) {
      if (disk.inFlight.isEmpty()) {
        Thread.onSpinWait();
      } else {
        runDisk();
      }
    }
    return await(job);
  }

  void awaitIdleWithDisk(BlockStore store) {
    while (store.statistics().jobs().running() > 0) {
      if (disk.inFlight.isEmpty()) {
        Thread.onSpinWait();
      }
      runDisk();
    }
  }

  static int[] upTo(int count) {
    return IntStream.range(0, count).toArray();
  }
}
