package io.pagoda.node.bench;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.ElementType;
import io.pagoda.KvCache;
import io.pagoda.KvOutcome;
import io.pagoda.KvRequest;
import io.pagoda.KvTask;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.SlotMapping;
import io.pagoda.Tokens;
import io.pagoda.core.door.Doors;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;

import io.pagoda.core.pool.PoolMemory;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/**
 * One of those who fetch: it has a prefix of its own in the store, and a pool that the prefix just
 * fills.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class FetchCaller implements AutoCloseable {
  private static final int TOKENS_PER_BLOCK = 16;

  private final BlockStore store;
  private final PoolSpec spec;
  private final int number;
  private final int[] tokens;
  private final int[] blocks;
  private final BlockHasher hasher;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final Pool pool;
  private final PoolMemory bare;
  private final BlockBatch batch;
  private final KvCache door;
  private final boolean byTokens;
  private final long[] stamps = new long[FetchStamps.STAGES.size() + 1];
  private volatile long known;

  /**
   * Stores a prefix.
   *
   * @param store where
   * @param spec the pool; it has a block for each block of the prefix
   * @param number which caller it is
   * @param byTokens whether it asks by tokens, and not by blocks
   */
  FetchCaller(BlockStore store, PoolSpec spec, int number, boolean byTokens) {
    this.byTokens = byTokens;
    this.store = store;
    this.spec = spec;
    this.number = number;
    this.tokens =
        new SplittableRandom(number).ints((long) spec.blocks() * TOKENS_PER_BLOCK, 0, 128_000)
            .toArray();
    this.blocks = IntStream.range(0, spec.blocks()).toArray();
    var layers = LayerGroup.shared(
        spec.layers(), Math.toIntExact(spec.chunkBytes() / TOKENS_PER_BLOCK), ElementType.INT8);
    var model = new ModelSpec("bench", List.of(layers), TOKENS_PER_BLOCK, 1);
    this.hasher = BlockHasher.of(ModelFingerprint.of(model), TOKENS_PER_BLOCK);
    this.door = new Doors(store).open(model);
    this.memory = arena.allocate(spec.bytes(), 2 << 20);
    this.pool = store.register(spec, memory);
    this.bare = new PoolMemory(List.of(PoolPart.whole(spec, memory)), spec.blockBytes());
    this.batch = batch(arena.allocate(spec.bytes(), 2 << 20));
    put();
  }

  private BlockBatch batch(MemorySegment host) {
    long[] offsets = IntStream.of(blocks).mapToLong(block -> block * spec.blockBytes()).toArray();
    return BlockBatch.of(host, offsets, blocks, new long[2 * blocks.length], spec.blockBytes());
  }

  private void put() {
    for (int block : blocks) {
      Words.fill(spec, memory, block, name(block));
    }
    BlockKeys keys = hasher.keys(Namespace.SHARED, tokens);
    require(store.put(keys, pool, blocks).settled().toCompletableFuture().join(), "stored");
  }

  private long name(int block) {
    return (long) number * spec.blocks() + block;
  }

  private void require(Outcome outcome, String what) {
    if (outcome.blocks() != spec.blocks()) {
      throw new IllegalStateException(
          "Of %d blocks, which host memory has room for, %d were %s: %s"
              .formatted(spec.blocks(), outcome.blocks(), what, outcome.reason()));
    }
  }

  /** {@return when a fetch began and each of its stages ended; good until the next fetch} */
  long[] fetch() {
    return byTokens ? fetchTokens() : fetchBlocks();
  }

  /** The door hashes, matches and launches in one call, so these are one stage. */
  private long[] fetchTokens() {
    Arrays.fill(stamps, System.nanoTime());
    KvTask task = door.fetch(KvRequest.of(Tokens.of(tokens)), pool, SlotMapping.ofBlocks(blocks));
    stamps[3] = System.nanoTime();
    KvOutcome ended = task.outcome()
        .whenComplete((_, _) -> known = System.nanoTime())
        .toCompletableFuture()
        .join();
    stamps[5] = System.nanoTime();
    stamps[4] = known;
    if (ended.tokens().count() != tokens.length) {
      throw new IllegalStateException("Not every token was fetched: " + ended);
    }
    return stamps;
  }

  private long[] fetchBlocks() {
    stamps[0] = System.nanoTime();
    BlockKeys keys = hasher.keys(Namespace.SHARED, tokens);
    stamps[1] = System.nanoTime();
    var match = store.match(keys);
    stamps[2] = System.nanoTime();
    CompletionStage<Outcome> outcome = store.fetch(match, pool, blocks).outcome();
    stamps[3] = System.nanoTime();
    Outcome ended =
        outcome.whenComplete((_, _) -> known = System.nanoTime()).toCompletableFuture().join();
    stamps[5] = System.nanoTime();
    stamps[4] = known;
    require(ended, "fetched");
    return stamps;
  }

  /** {@return how long it takes this thread to copy as many bytes into the same pool} */
  long copy() {
    long start = System.nanoTime();
    bare.scatter(batch);
    return System.nanoTime() - start;
  }

  /** {@return how many bytes a fetch leaves wrong in a pool that held nothing} */
  long wrongBytes() {
    memory.fill((byte) 0);
    fetch();
    return IntStream.of(blocks)
        .mapToLong(block -> Words.wrong(spec, memory, block, name(block)))
        .sum();
  }

  @Override
  public void close() {
    door.close();
    pool.close();
    arena.close();
  }
}
