package io.pagoda.tier.remote.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import io.pagoda.tck.Pattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A tier that was joined, and memory beside it. Blocks are named by numbers. */
final class Node implements AutoCloseable {
  final ObjectTier tier;
  private final long blockBytes;
  private final Arena arena = Arena.ofShared();

  Node(ObjectTier tier) {
    this.tier = tier;
    this.blockBytes = tier.spec().blockBytes();
    try {
      tier.join(new SealShape(1, 1), (_, refused) -> refused.accept(new BitSet()));
    } catch (RuntimeException e) {
      tier.close();
      throw e;
    }
  }

  BatchResult store(long... names) {
    MemorySegment memory = arena.allocate(blockBytes * names.length, 8);
    for (int i = 0; i < names.length; i++) {
      Pattern.write(memory.asSlice(i * blockBytes, blockBytes), names[i]);
    }
    var ended = new CompletableFuture<BatchResult>();
    var seals = new Seals(new long[2 * names.length], new int[names.length], 1);
    tier.store(batch(memory, names).sealed(seals), ended::complete);
    return await(ended);
  }

  private BlockBatch batch(MemorySegment memory, long... names) {
    long[] offsets = IntStream.range(0, names.length).mapToLong(i -> i * blockBytes).toArray();
    return BlockBatch.of(memory, offsets, new int[names.length], keys(names), blockBytes);
  }

  static long[] keys(long... names) {
    long[] keys = new long[2 * names.length];
    for (int i = 0; i < names.length; i++) {
      keys[2 * i] = names[i] * 0x9e3779b97f4a7c15L;
      keys[2 * i + 1] = names[i];
    }
    return keys;
  }

  /** Loads blocks, and compares every byte of those that were moved. */
  BatchResult load(long... names) {
    MemorySegment memory = arena.allocate(blockBytes * names.length, 8);
    MemorySegment expected = arena.allocate(blockBytes, 8);
    var ended = new CompletableFuture<BatchResult>();
    tier.load(batch(memory, names), ended::complete);
    BatchResult result = await(ended);
    for (int i = 0; i < names.length; i++) {
      if (result.moved(i)) {
        Pattern.write(expected, names[i]);
        long wrong = memory.asSlice(i * blockBytes, blockBytes).mismatch(expected);
        assertEquals(-1, wrong, "first wrong byte of block " + names[i]);
      }
    }
    return result;
  }

  long figure(Metered.Figure which) {
    return tier.figures().getOrDefault(which, 0L);
  }

  int find(long... names) {
    var found = new CompletableFuture<Integer>();
    tier.find(keys(names), 0, found::complete);
    return await(found);
  }

  static <T> T await(CompletableFuture<T> stage) {
    try {
      return stage.get(120, TimeUnit.SECONDS);
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
