package io.pagoda.core.door;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockStore;
import io.pagoda.ElementType;
import io.pagoda.EngineMemory;
import io.pagoda.KvCache;
import io.pagoda.KvLayout;
import io.pagoda.KvOutcome;
import io.pagoda.KvRequest;
import io.pagoda.KvTask;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.Pool;
import io.pagoda.SlotMapping;
import io.pagoda.StoreStatistics;
import io.pagoda.TokenMask;
import io.pagoda.core.Engine;
import io.pagoda.core.EngineSettings;
import io.pagoda.core.StageTimes;
import io.pagoda.core.graph.Care;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.tck.MemoryTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * An engine over small tiers in memory, a door of blocks of four tokens, and an inference engine's
 * memory whose bytes tell which tokens they are of.
 */
final class Rig implements AutoCloseable {
  static final int TOKENS = 4;
  static final int LAYERS = 2;
  static final int POOL_BLOCKS = 32;
  static final ModelSpec MODEL = model("a-model", ElementType.INT8);

  /** However long a test holds a disk. */
  private static final EngineSettings PATIENT =
      new EngineSettings(Duration.ofMinutes(5), Duration.ofMinutes(5), 2)
          .with(new Care(Duration.ofMinutes(5), 16, 0));

  final BlockStore store;
  final Doors doors;
  final KvCache cache;
  final Pool pool;
  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> memory;

  /** Without a colder tier. */
  Rig(int hubSlots) {
    this(PATIENT, hubSlots, List.of());
  }

  /** With a colder tier at the end of one edge. */
  Rig(int hubSlots, Edge edge, StorageTier colder) {
    this(PATIENT, hubSlots, List.of(edge), colder);
  }

  Rig(EngineSettings settings, int hubSlots, List<Edge> edges, StorageTier... colder) {
    List<TierNode> nodes = new ArrayList<>();
    nodes.add(node("host", new MemoryTier(hubSlots, MODEL.blockBytes())));
    for (int i = 0; i < colder.length; i++) {
      nodes.add(node(edges.get(i).to(), colder[i]));
    }
    store = Engine.open(new TierGraph(nodes, edges, MODEL.blockBytes()), settings, StageTimes.NONE);
    doors = new Doors(store);
    cache = doors.open(MODEL);
    memory = IntStream.range(0, LAYERS)
        .mapToObj(_ -> arena.allocate(MODEL.blockBytes() / LAYERS * POOL_BLOCKS))
        .toList();
    pool =
        cache.register(EngineMemory.of(MODEL, KvLayout.LAYER_FIRST, POOL_BLOCKS).rank(0, memory));
  }

  static ModelSpec model(String name, ElementType type) {
    int head = 8 / type.bytes();
    return new ModelSpec(name, List.of(LayerGroup.separate(LAYERS, 1, head, type)), TOKENS, 1);
  }

  /** {@return a tier of a disk's medium, in memory} */
  static MemoryTier disk(int slots) {
    return new MemoryTier(new TierSpec(Medium.DISK, slots, MODEL.blockBytes(), 1, 8));
  }

  private static TierNode node(String name, StorageTier tier) {
    return new TierNode(name, tier, LruPolicyProvider.lru(tier.spec().slots()));
  }

  /** {@return {@code count} tokens that differ from those of every other {@code seed}} */
  static int[] tokens(int seed, int count) {
    return IntStream.range(0, count).map(i -> 1000 * seed + i).toArray();
  }

  /** {@return tokens that begin as some and go on as others} */
  static int[] fork(int[] begin, int shared, int[] rest) {
    int[] tokens = rest.clone();
    System.arraycopy(begin, 0, tokens, 0, shared);
    return tokens;
  }

  /** {@return slots of {@code count} tokens in pool blocks from {@code block} on} */
  static SlotMapping slots(int block, int count) {
    return SlotMapping.ofTokens(IntStream.range(block * TOKENS, block * TOKENS + count).toArray());
  }

  static TokenMask mask(int from, int to, int size) {
    return TokenMask.range(from, to, size);
  }

  /** Writes what the tokens' KV is into pool blocks from {@code block} on. */
  void write(int[] tokens, int block) {
    for (int i = 0; i < tokens.length / TOKENS; i++) {
      write(memory, tokens, i, block + i);
    }
  }

  private static void write(List<MemorySegment> to, int[] tokens, int index, int block) {
    int name = Arrays.hashCode(Arrays.copyOf(tokens, (index + 1) * TOKENS));
    int chunk = (int) (MODEL.blockBytes() / LAYERS / 2);
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int tensor = 0; tensor < 2; tensor++) {
        for (int i = 0; i < chunk; i++) {
          byte value = (byte) ((name ^ (name >>> 15)) * 31 + 97 * layer + 13 * tensor + i);
          to.get(layer)
              .set(ValueLayout.JAVA_BYTE, ((long) tensor * POOL_BLOCKS + block) * chunk + i, value);
        }
      }
    }
  }

  /** Checks that pool blocks from {@code block} on hold blocks {@code from} to {@code to}. */
  void assertHolds(int[] tokens, int from, int to, int block) {
    List<MemorySegment> found =
        memory.stream().map(m -> MemorySegment.ofArray(m.toArray(ValueLayout.JAVA_BYTE))).toList();
    List<MemorySegment> expected =
        found.stream().map(m -> MemorySegment.ofArray(m.toArray(ValueLayout.JAVA_BYTE))).toList();
    for (int i = from; i < to; i++) {
      write(expected, tokens, i, block + i - from);
    }
    for (int layer = 0; layer < LAYERS; layer++) {
      assertEquals(-1, expected.get(layer).mismatch(found.get(layer)), "layer " + layer);
    }
  }

  void blank() {
    memory.forEach(segment -> segment.fill((byte) 0x5A));
  }

  /** Checks that no byte of the pool was written since it was blanked. */
  void assertBlank() {
    for (MemorySegment segment : memory) {
      var blank = MemorySegment.ofArray(new byte[(int) segment.byteSize()]).fill((byte) 0x5A);
      assertEquals(-1, segment.mismatch(blank));
    }
  }

  /** Puts tokens whose KV is written into pool blocks from {@code block} on first. */
  KvTask put(int[] tokens, int block) {
    write(tokens, block);
    return cache.put(KvRequest.of(tokens), pool, slots(block, tokens.length));
  }

  /** Puts tokens, waits, and checks which were newly stored. */
  void putting(int[] tokens, int block, TokenMask stored) {
    assertEquals(stored, settled(put(tokens, block)).tokens());
  }

  /** Fetches tokens into pool blocks from {@code block} on. */
  KvTask get(int[] tokens, int block) {
    return cache.fetch(KvRequest.of(tokens), pool, slots(block, tokens.length));
  }

  /** Fetches tokens, waits, and checks which came, and that they are what they should be. */
  void getting(int[] tokens, int block, TokenMask come) {
    blank();
    KvTask task = get(tokens, block);
    assertEquals(come, task.tokens(), "what will come");
    assertEquals(come, settled(task).tokens(), "what came");
    assertHolds(tokens, come.from() / TOKENS, come.to() / TOKENS, block + come.from() / TOKENS);
  }

  static KvOutcome settled(KvTask task) {
    return await(task.settled());
  }

  static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** {@return how many slots of a tier are taken} */
  long used(int tier) {
    return store.statistics().tiers().get(tier).used();
  }

  /** {@return how many blocks went from the pool into the hub} */
  long gathered() {
    return store.statistics()
        .hops()
        .stream()
        .filter(hop -> hop.to().equals("host") && !hop.from().equals("disk"))
        .mapToLong(StoreStatistics.Hop::blocks)
        .sum();
  }

  @Override
  public void close() {
    cache.close();
    store.close();
    arena.close();
  }
}
