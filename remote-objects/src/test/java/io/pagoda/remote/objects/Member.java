package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Keyed.Consent;
import io.pagoda.spi.tier.Metered.Figure;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A tier that was joined. Blocks are named by numbers, and compress well. */
final class Member implements AutoCloseable {
  private final ObjectTier tier;
  private final long blockBytes;
  private final Arena arena = Arena.ofShared();

  Member(ObjectSettings settings, Bucket bucket) {
    this(settings, bucket, (_, refused) -> refused.accept(new BitSet()));
  }

  Member(ObjectSettings settings, Bucket bucket, Consent consent) {
    tier = ObjectTier.open(settings, Rig.host(), bucket);
    blockBytes = settings.blockBytes();
    tier.join(new SealShape(1, 1), consent);
  }

  ObjectTier tier() {
    return tier;
  }

  static long[] key(long name) {
    return new long[] {name * 0x9e3779b97f4a7c15L, name};
  }

  private MemorySegment block(long name) {
    MemorySegment block = arena.allocate(blockBytes, 8);
    for (long i = 0; i < blockBytes; i++) {
      block.set(ValueLayout.JAVA_BYTE, i, (byte) (name + i / 100));
    }
    return block;
  }

  BatchResult store(long name) {
    var seals = new Seals(new long[2], new int[] {(int) name}, 1);
    var ended = new CompletableFuture<BatchResult>();
    tier.store(batch(block(name), name).sealed(seals), ended::complete);
    return await(ended);
  }

  /**
   * Stores consecutive blocks of a prefix, in the order in which they are given.
   *
   * @param depth of the block called 0
   */
  BatchResult storeAt(long depth, long... names) {
    MemorySegment memory = arena.allocate(blockBytes * names.length, 8);
    long[] parents = new long[2 * names.length];
    for (int i = 0; i < names.length; i++) {
      memory.asSlice(i * blockBytes, blockBytes).copyFrom(block(names[i]));
      System.arraycopy(key(names[i] - 1), 0, parents, 2 * i, 2);
    }
    int[] depths = LongStream.of(names).mapToInt(name -> (int) (depth + name)).toArray();
    int[] sums = LongStream.of(names).mapToInt(name -> (int) name).toArray();
    var ended = new CompletableFuture<BatchResult>();
    tier.store(batch(memory, names).sealed(new Seals(parents, depths, sums, 1)), ended::complete);
    return await(ended);
  }

  private BlockBatch batch(MemorySegment memory, long... names) {
    long[] offsets = IntStream.range(0, names.length).mapToLong(i -> i * blockBytes).toArray();
    return BlockBatch.of(memory, offsets, new int[names.length], keys(names), blockBytes);
  }

  static long[] keys(long... names) {
    return LongStream.of(names).flatMap(name -> LongStream.of(key(name))).toArray();
  }

  /** Loads blocks, and compares the bytes and seals of those that were moved. */
  BatchResult load(long... names) {
    MemorySegment memory = arena.allocate(blockBytes * names.length, 8);
    var ended = new CompletableFuture<BatchResult>();
    var sums = new ConcurrentHashMap<Integer, Integer>();
    tier.load(
        batch(memory, names), (block, sealed, from) -> sums.merge(block, sealed[from], (_, _) -> 0),
        ended::complete);
    BatchResult result = await(ended);
    for (int i = 0; i < names.length; i++) {
      assertEquals(result.moved(i) ? (int) names[i] : null, sums.get(i), "seal of " + names[i]);
      if (result.moved(i)) {
        long wrong = memory.asSlice(i * blockBytes, blockBytes).mismatch(block(names[i]));
        assertEquals(-1, wrong, "first wrong byte of " + names[i]);
      }
    }
    return result;
  }

  int find(long... names) {
    return findAt(0, names);
  }

  /**
   * Looks up blocks of a prefix.
   *
   * @param depth of the first
   */
  int findAt(int depth, long... names) {
    var found = new CompletableFuture<Integer>();
    tier.find(keys(names), depth, found::complete);
    return await(found);
  }

  long figure(Figure which) {
    return tier.figures().getOrDefault(which, 0L);
  }

  static <T> T await(CompletableFuture<T> stage) {
    try {
      return stage.get(150, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("it has not ended", e);
    }
  }

  @Override
  public void close() {
    tier.close();
    arena.close();
  }
}
