package io.pagoda.onservers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.Pattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A node of several: a tier that was joined. Blocks are named by numbers, and are patterns of
 * them.
 */
final class Peer implements AutoCloseable {
  private final StorageTier tier;
  private final Keyed keyed;
  private final long blockBytes;

  Peer(StorageTier tier) {
    this(tier, (_, refused) -> refused.accept(new BitSet()));
  }

  Peer(StorageTier tier, Keyed.Consent consent) {
    this.tier = tier;
    this.keyed = tier.ability(Keyed.class).orElseThrow();
    this.blockBytes = tier.spec().blockBytes();
    try {
      keyed.join(new SealShape(1, 1), consent);
    } catch (RuntimeException e) {
      tier.close();
      throw e;
    }
  }

  /** What came of a load. */
  record Loaded(BatchResult result, int moved, int sealedWrong) {}

  BatchResult store(long... names) {
    return storeAs(0, names);
  }

  /** Stores consecutive blocks of a prefix; a block's name is how many come before it. */
  BatchResult storeAt(long... names) {
    long[] parents = keys(LongStream.of(names).map(name -> name - 1).toArray());
    return store(0, parents, LongStream.of(names).mapToInt(name -> (int) name).toArray(), names);
  }

  /** Stores blocks with the bytes of other ones. */
  BatchResult storeAs(long age, long... names) {
    return store(age, new long[2 * names.length], null, names);
  }

  private BatchResult store(long age, long[] parents, int @Nullable [] depths, long... names) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(blockBytes * names.length, 4096);
      int[] sums = new int[names.length];
      for (int i = 0; i < names.length; i++) {
        MemorySegment block = memory.asSlice(i * blockBytes, blockBytes);
        Pattern.write(block, names[i] + age);
        sums[i] = sum(block);
      }
      var ended = new CompletableFuture<BatchResult>();
      var seals = new Seals(parents, depths, sums, 1);
      tier.store(batch(memory, names).sealed(seals), ended::complete);
      return await(ended);
    }
  }

  private static int sum(MemorySegment block) {
    var crc = new CRC32C();
    crc.update(block.asByteBuffer());
    return (int) crc.getValue();
  }

  private BlockBatch batch(MemorySegment memory, long... names) {
    long[] offsets = IntStream.range(0, names.length).mapToLong(i -> i * blockBytes).toArray();
    return BlockBatch.of(memory, offsets, new int[names.length], keys(names), blockBytes);
  }

  private static long[] keys(long... names) {
    long[] keys = new long[2 * names.length];
    for (int i = 0; i < names.length; i++) {
      keys[2 * i] = names[i] * 0x9e3779b97f4a7c15L;
      keys[2 * i + 1] = names[i];
    }
    return keys;
  }

  /** Loads blocks, and compares every byte of those that count as moved, and their seals. */
  BatchResult load(long... names) {
    Loaded loaded = loadAs(0, names);
    assertEquals(0, loaded.sealedWrong, "blocks with wrong bytes that their seals do not tell");
    return loaded.result;
  }

  /** {@return the result of a load; how many blocks came, and of those how many are wrong} */
  Loaded loadAs(long age, long... names) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(blockBytes * names.length, 4096);
      int[] sums = new int[names.length];
      var ended = new CompletableFuture<BatchResult>();
      keyed.load(
          batch(memory, names), (index, sealing, from) -> sums[index] = sealing[from],
          ended::complete);
      BatchResult result = await(ended);
      int moved = 0;
      int wrong = 0;
      MemorySegment expected = arena.allocate(blockBytes, 8);
      for (int i = 0; i < names.length; i++) {
        MemorySegment block = memory.asSlice(i * blockBytes, blockBytes);
        if (result.moved(i) && sum(block) == sums[i]) {
          moved++;
          Pattern.write(expected, names[i] + age);
          wrong += block.mismatch(expected) == -1 ? 0 : 1;
        }
      }
      return new Loaded(result, moved, wrong);
    }
  }

  /** Stores one block from memory, whatever its seal. */
  CompletableFuture<BatchResult> storeFrom(MemorySegment memory, long name) {
    var ended = new CompletableFuture<BatchResult>();
    tier.store(batch(memory, name).sealed(new Seals(new long[2], new int[1], 1)), ended::complete);
    return ended;
  }

  /** Loads one block into memory. */
  CompletableFuture<BatchResult> loadInto(MemorySegment memory, long name) {
    var ended = new CompletableFuture<BatchResult>();
    keyed.load(batch(memory, name), (_, _, _) -> {}, ended::complete);
    return ended;
  }

  int find(long... names) {
    return findAt(0, names);
  }

  /** {@return how many blocks are found, if so many of their prefix come before them} */
  int findAt(int depth, long... names) {
    var found = new CompletableFuture<Integer>();
    keyed.find(keys(names), depth, found::complete);
    return await(found);
  }

  long figure(Metered.Figure which) {
    return tier.ability(Metered.class).orElseThrow().figures().getOrDefault(which, 0L);
  }

  private static <T> T await(CompletableFuture<T> stage) {
    try {
      return stage.get(120, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("it has not ended", e);
    }
  }

  @Override
  public void close() {
    tier.close();
  }
}
