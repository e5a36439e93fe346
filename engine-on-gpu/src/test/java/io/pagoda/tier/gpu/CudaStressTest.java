package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.pagoda.PoolSpec;
import io.pagoda.SlotMapping;
import io.pagoda.Tokens;
import io.pagoda.core.door.Doors;
import io.pagoda.core.graph.Sections;
import io.pagoda.spi.device.DeviceMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Fetches, puts and cancels of several threads at once, by tokens, on memory of a GPU, with a hub
 * and a tier in the memory of the same GPU that are both too small: no byte is wrong, and nothing
 * is left.
 */
@OnGpu
class CudaStressTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 250;
  private static final int PROMPTS = 24;
  private static final int PREFIX = 8;
  private static final ModelSpec MODEL =
      new ModelSpec("stress", List.of(LayerGroup.separate(4, 8, 64, ElementType.FP16)), 16, 1);
  private static final int BLOCKS = THREADS * PREFIX;
  private static final PoolSpec SPEC =
      new PoolSpec(KvLayout.LAYER_FIRST, 4, 2, BLOCKS, MODEL.chunkBytes(MODEL.groups().getFirst()));

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final AtomicInteger compared = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();

  private record Engine(KvCache cache, Pool pool, CudaDevice device, DeviceMemory memory) {}

  @Test
  void nothingIsWrongAndNothingIsLeft() {
    var below = GpuTier.open(
        new GpuSettings(64, MODEL.blockBytes(), new CudaSettings("", 4, CopyPath.AUTO, 0)),
        "below");
    Rig rig = Rig.open(48, Sections.of(MODEL, 2, 4096), below);
    var census = rig.device().context.census;
    DeviceMemory memory = rig.device().allocate(SPEC.bytes());
    try (KvCache cache = new Doors(rig.store()).open(MODEL)) {
      Pool pool = cache.register(
          EngineMemory.of(MODEL, KvLayout.LAYER_FIRST, BLOCKS)
              .on(rig.device().uuid())
              .rank(0, memory.segment()));
      int events = census.events.get();
      var engine = new Engine(cache, pool, rig.device(), memory);
      CompletableFuture<?>[] all = IntStream.range(0, THREADS)
          .mapToObj(i -> CompletableFuture.runAsync(() -> work(engine, i), Rig::start))
          .toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(all).orTimeout(120, TimeUnit.SECONDS).join();
      assertTrue(compared.get() > 500, "blocks compared: " + compared + ", seed " + seed);
      assertTrue(cancelled.get() > 20, "cancelled: " + cancelled + ", seed " + seed);
      pool.close();
      assertEquals(events, census.events.get(), () -> "events: " + census);
    }
    memory.close();
    rig.close();
    assertTrue(census.isEmpty(), census::toString);
    assertTrue(below.device().context.census.isEmpty(), below.device().context.census::toString);
    System.out.printf(
        "stress: %d blocks compared, %d tasks cancelled, seed %d%n", compared.get(),
        cancelled.get(), seed);
  }

  private void work(Engine engine, int thread) {
    var random = new SplittableRandom(seed + thread);
    int[] mine = IntStream.range(thread * PREFIX, (thread + 1) * PREFIX).toArray();
    for (int round = 0; round < ROUNDS; round++) {
      int prompt = random.nextInt(PROMPTS);
      int[] blocks = Arrays.copyOf(mine, random.nextInt(1, PREFIX + 1));
      if (random.nextInt(2) == 0) {
        put(engine, prompt, blocks, random);
      } else {
        fetch(engine, prompt, blocks, random);
      }
    }
  }

  private static KvRequest request(int prompt, int blocks) {
    int[] tokens =
        IntStream.range(0, blocks * MODEL.tokensPerBlock()).map(i -> prompt * 10_000 + i).toArray();
    return KvRequest.of(Tokens.of(tokens));
  }

  private void put(Engine engine, int prompt, int[] blocks, SplittableRandom random) {
    for (int i = 0; i < blocks.length; i++) {
      write(engine, blocks[i], content(prompt, i));
    }
    KvTask task =
        engine.cache.put(request(prompt, blocks.length), engine.pool, SlotMapping.ofBlocks(blocks));
    settle(task, random);
  }

  private void fetch(Engine engine, int prompt, int[] blocks, SplittableRandom random) {
    for (int block : blocks) {
      write(engine, block, content(-1, block));
    }
    KvTask task = engine.cache
        .fetch(request(prompt, blocks.length), engine.pool, SlotMapping.ofBlocks(blocks));
    KvOutcome outcome = settle(task, random);
    int there = outcome.tokens().to() / MODEL.tokensPerBlock();
    for (int i = 0; i < there; i++) {
      assertEquals(
          -1, content(prompt, i).mismatch(read(engine, blocks[i])),
          "block " + i + " of prompt " + prompt + ", seed " + seed);
      compared.incrementAndGet();
    }
  }

  private KvOutcome settle(KvTask task, SplittableRandom random) {
    if (random.nextInt(8) == 0) {
      var _ = task.cancel();
      cancelled.incrementAndGet();
    }
    return task.settled().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** {@return what a block of a prompt holds, chunk after chunk} */
  private static MemorySegment content(int prompt, int block) {
    MemorySegment bytes = Arena.ofAuto().allocate(SPEC.blockBytes(), Long.BYTES);
    Host.fill(bytes, prompt * 1_000L + block);
    return bytes;
  }

  private static List<DeviceMemory> chunks(Engine engine, int block) {
    List<DeviceMemory> chunks = new ArrayList<>();
    for (int chunk = 0; chunk < SPEC.chunksPerBlock(); chunk++) {
      long at = SPEC.offset(block, chunk / 2, chunk % 2);
      chunks.add(new Slice(engine.memory.segment().asSlice(at, SPEC.chunkBytes())));
    }
    return chunks;
  }

  /** Part of somebody's memory. */
  private record Slice(MemorySegment segment) implements DeviceMemory {
    @Override
    public void close() {}
  }

  private static void write(Engine engine, int block, MemorySegment content) {
    List<DeviceMemory> chunks = chunks(engine, block);
    for (int i = 0; i < chunks.size(); i++) {
      Host.write(
          engine.device, chunks.get(i), content.asSlice(i * SPEC.chunkBytes(), SPEC.chunkBytes()));
    }
  }

  private static MemorySegment read(Engine engine, int block) {
    MemorySegment content = Arena.ofAuto().allocate(SPEC.blockBytes(), Long.BYTES);
    List<DeviceMemory> chunks = chunks(engine, block);
    for (int i = 0; i < chunks.size(); i++) {
      Host.read(
          engine.device, chunks.get(i), content.asSlice(i * SPEC.chunkBytes(), SPEC.chunkBytes()));
    }
    return content;
  }
}
