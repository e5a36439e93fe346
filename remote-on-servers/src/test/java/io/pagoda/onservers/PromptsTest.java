package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.KvLayout;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
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
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.Metered.Figure;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.MemoryTier;
import io.pagoda.tck.Pattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A prompt of many blocks goes through an engine into objects of several. */
class PromptsTest extends AtS3Proxy {
  private static final int GROUP = 8;
  private static final int PROMPT = 269;
  private static final int BLOCK = 64 << 10;
  private static final PoolSpec SHAPE = new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, PROMPT, BLOCK / 4);

  private final class Machine implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(SHAPE.bytes(), 4096);
    private final StorageTier remote;
    private final BlockStore store;
    private final Pool pool;

    Machine(Client client) {
      remote = client.tier(
          server.endpoint(), bucket, BLOCK, Map.of("blocks-per-object", GROUP, "blocks", 999));
      var nodes = List.of(node("host", new MemoryTier(300, BLOCK)), node("bucket", remote));
      var edge = new Edge("bucket", WritePolicy.THROUGH, Promotion.COPY);
      var settings = EngineSettings.DEFAULT.with(new Reach(Duration.ofSeconds(30), Duration.ZERO));
      store = Engine
          .open(new TierGraph(nodes, List.of(edge), BLOCK), List.of(), settings, StageTimes.NONE);
      pool = store.register(SHAPE, memory);
    }

    void put(int blocks) {
      for (int i = 0; i < blocks; i++) {
        Pattern.write(memory.asSlice((long) i * BLOCK, BLOCK), i);
      }
      await(store.put(prompt(blocks), pool, upTo(blocks)).finished());
    }

    /** {@return how many blocks came, each as it was put} */
    int fetch(int blocks) {
      memory.fill((byte) -1);
      int brought =
          await(store.fetch(store.match(prompt(blocks)), pool, upTo(blocks)).settled()).blocks();
      MemorySegment expected = arena.allocate(BLOCK, 8);
      for (int i = 0; i < brought; i++) {
        Pattern.write(expected, i);
        assertEquals(-1, memory.asSlice((long) i * BLOCK, BLOCK).mismatch(expected), "block " + i);
      }
      return brought;
    }

    long figure(Figure figure) {
      return remote.ability(Metered.class).orElseThrow().figures().get(figure);
    }

    @Override
    public void close() {
      pool.close();
      store.close();
      arena.close();
    }
  }

  private static TierNode node(String name, StorageTier tier) {
    return new TierNode(name, tier, LruPolicyProvider.lru(tier.spec().slots()));
  }

  private static BlockKeys prompt(int blocks) {
    return BlockKeys
        .ofWords(LongStream.range(0, blocks).flatMap(i -> LongStream.of(i + 1, ~i)).toArray());
  }

  private static int[] upTo(int count) {
    return IntStream.range(0, count).toArray();
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(120, TimeUnit.SECONDS).join();
  }

  /** The second put begins within a group; its batches are of 128 blocks. */
  @ParameterizedTest
  @EnumSource(Client.class)
  void fillsItsObjects(Client client) {
    try (var first = new Machine(client);
        var second = new Machine(client)) {
      first.put(5);
      first.put(PROMPT);
      assertEquals(PROMPT, first.figure(Figure.BLOCKS_STORED));
      long alone = 5 + 3 + PROMPT % GROUP;
      long objects = alone + (PROMPT - alone) / GROUP;
      assertEquals(objects, first.figure(Figure.OBJECTS_STORED));
      assertEquals(3, second.fetch(3));
      assertEquals(PROMPT, second.fetch(PROMPT));
      assertEquals(PROMPT, second.figure(Figure.BLOCKS_LOADED));
      assertEquals(objects, second.figure(Figure.OBJECTS_LOADED));
    }
  }
}
