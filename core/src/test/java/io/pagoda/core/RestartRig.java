package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.LastingTier.Disk;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.IndexAudit;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.core.space.SpaceAudit;
import io.pagoda.spi.tier.StorageTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** Stores over tiers that outlive them, and a pool to fill and compare. */
abstract class RestartRig {
  static final int BLOCK = 128;
  static final int POOL = 32;
  static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, POOL, BLOCK / 4);

  final Arena arena = Arena.ofShared();
  final MemorySegment memory = arena.allocate(SPEC.bytes());
  final List<Engine> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(Engine::close);
    arena.close();
  }

  Engine open(int hostSlots, StorageTier... disks) {
    return open(hostSlots, EngineSettings.DEFAULT, disks);
  }

  Engine open(int hostSlots, EngineSettings settings, StorageTier... disks) {
    List<TierNode> nodes = new ArrayList<>();
    List<Edge> edges = new ArrayList<>();
    nodes.add(node("host", new SimulatedHub(hostSlots, BLOCK)));
    for (int i = 0; i < disks.length; i++) {
      String name = i == 0 ? "disk" : "disk" + i;
      nodes.add(node(name, disks[i]));
      edges.add(new Edge(name, WritePolicy.THROUGH, Promotion.COPY));
    }
    var engine = Engine.open(new TierGraph(nodes, edges, BLOCK), settings, StageTimes.NONE);
    open.add(engine);
    return engine;
  }

  static TierNode node(String name, StorageTier tier) {
    return new TierNode(name, tier, LruPolicyProvider.lru(tier.spec().slots()));
  }

  /** A prefix: its blocks are numbers of which the last digits are its own. */
  static BlockKeys keys(long... lows) {
    long[] words = new long[2 * lows.length];
    for (int i = 0; i < lows.length; i++) {
      words[2 * i] = 77;
      words[2 * i + 1] = lows[i];
    }
    return BlockKeys.ofWords(words);
  }

  static int[] upTo(int count) {
    return IntStream.range(0, count).toArray();
  }

  static byte pattern(long low, int at) {
    return (byte) ((low * 0x9E3779B97F4A7C15L + at * 0xD1B54A32D192ED03L) >>> 56);
  }

  void fill(BlockKeys keys) {
    for (int block = 0; block < keys.size(); block++) {
      for (int at = 0; at < BLOCK; at++) {
        memory.set(ValueLayout.JAVA_BYTE, place(block, at), pattern(keys.low(block), at));
      }
    }
  }

  static long place(int block, int at) {
    int chunk = BLOCK / 4;
    return SPEC.offset(block, at / chunk / 2, at / chunk % 2) + at % chunk;
  }

  void put(Engine engine, long... lows) {
    BlockKeys keys = keys(lows);
    fill(keys);
    try (Pool pool = engine.register(SPEC, memory)) {
      var job = engine.put(keys, pool, upTo(lows.length));
      Outcome outcome = job.finished().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
      assertEquals(lows.length, outcome.blocks(), outcome.reason());
    }
  }

  Outcome fetch(Engine engine, BlockKeys keys) {
    memory.fill((byte) 0x55);
    try (Pool pool = engine.register(SPEC, memory)) {
      return engine.fetch(engine.match(keys), pool, upTo(keys.size()))
          .settled()
          .toCompletableFuture()
          .orTimeout(20, TimeUnit.SECONDS)
          .join();
    }
  }

  void assertFetched(Engine engine, int blocks, long... lows) {
    Outcome outcome = fetch(engine, keys(lows));
    assertEquals(blocks, outcome.blocks(), outcome.reason());
    for (int block = 0; block < blocks; block++) {
      for (int at = 0; at < BLOCK; at++) {
        byte found = memory.get(ValueLayout.JAVA_BYTE, place(block, at));
        assertEquals(pattern(lows[block], at), found, "block " + block + ", byte " + at);
      }
    }
  }

  static void audit(Engine engine, int tiers) {
    engine.look(ledger -> {
      var index = new IndexAudit(ledger.index, tiers, ledger.shared()::has);
      index.check();
      new SpaceAudit(ledger.space, ledger.index).check(index.entries(), tiers);
      return true;
    });
  }

  static long count(Engine engine, int tier, TierCount count) {
    return engine.statistics().tiers().get(tier).count(count);
  }

  static int slotOf(Disk disk, long low) {
    return IntStream.range(0, disk.records.slots.length)
        .filter(slot -> holds(disk, slot, low))
        .findFirst()
        .orElseThrow();
  }

  static boolean holds(Disk disk, int slot, long low) {
    Records.Entry entry = disk.records.slots[slot];
    return entry != null && entry.low() == low;
  }
}
