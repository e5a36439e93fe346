package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Keyed.Consent;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

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

  private BlockBatch batch(MemorySegment memory, long name) {
    return BlockBatch.of(memory, new long[1], new int[1], key(name), blockBytes);
  }

  /** Loads a block, and compares its bytes if it was moved. */
  BatchResult load(long name) {
    MemorySegment memory = arena.allocate(blockBytes, 8);
    var ended = new CompletableFuture<BatchResult>();
    tier.load(batch(memory, name), ended::complete);
    BatchResult result = await(ended);
    if (result.moved(0)) {
      assertEquals(-1, memory.mismatch(block(name)), "first wrong byte");
    }
    return result;
  }

  int find(long name) {
    var found = new CompletableFuture<Integer>();
    tier.find(key(name), 0, found::complete);
    return await(found);
  }

  static <T> T await(CompletableFuture<T> stage) {
    try {
      return stage.get(60, TimeUnit.SECONDS);
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
