package io.pagoda.node.bench;

import io.pagoda.ByteSize;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.StorageTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Measures a tier whose slots are memory against C's {@code memcpy}. Before that every byte is
 * stored, loaded and compared.
 */
public final class CopyBench {
  /** The sizes of blocks that are worth a look. */
  public static final List<ByteSize> SIZES = List.of(
      ByteSize.ofKibibytes(64), ByteSize.ofKibibytes(128), ByteSize.ofKibibytes(256),
      ByteSize.ofKibibytes(512), ByteSize.ofMebibytes(1), ByteSize.ofMebibytes(2),
      ByteSize.ofMebibytes(4), ByteSize.ofMebibytes(8));

  private static final long BATCH_BYTES = 4 << 20;

  /** How often each way of copying has its turn. */
  private static final int TURNS = 127;

  private final long sideBytes;
  private final int turns;

  /**
   * Creates a benchmark.
   *
   * @param sideBytes how large the memory at either end of the copies is
   * @param turns how often each way of copying has its turn, at least 1
   */
  CopyBench(long sideBytes, int turns) {
    this.sideBytes = sideBytes;
    this.turns = turns;
  }

  /** {@return a benchmark that fits the caches of this machine} */
  public static CopyBench ofThisMachine() {
    return new CopyBench(ColdMemory.leastBytes(), TURNS);
  }

  /** {@return how many blocks of a size a tier under test must have} */
  public int slots(ByteSize block) {
    return Math.toIntExact(sideBytes / block.bytes());
  }

  /**
   * Measures loads and stores of whole blocks.
   *
   * @param tier has {@link Addressable} slots and copies on the caller's thread
   */
  public List<BenchResult> run(StorageTier tier) {
    try (Arena arena = Arena.ofShared()) {
      long bytes = tier.spec().slots() * tier.spec().blockBytes();
      MemorySegment host = arena.allocate(bytes, 2 << 20);
      var copies = new Copies(tier, host);
      copies.verify();
      var inTurns = new Turns(copies.batches.length, copies.batchBytes(), turns);
      Map<String, Object> size = Map.of("size", BenchResult.size(copies.blockBytes));
      return List.of(
          inTurns.measure("copy.store", size, copies::store, copies::storeByC),
          inTurns.measure("copy.load", size, copies::load, copies::loadByC));
    }
  }

  /** Batches that cover a tier, and their bytes by address. */
  private static final class Copies {
    private final StorageTier tier;
    private final MemorySegment host;
    private final MemorySegment slots;
    private final long blockBytes;
    private final int perBatch;
    private final BlockBatch[] batches;

    Copies(StorageTier tier, MemorySegment host) {
      this.tier = tier;
      this.host = host;
      this.slots = tier.ability(Addressable.class)
          .orElseThrow(() -> new IllegalArgumentException("its slots are not memory: " + tier))
          .memory();
      this.blockBytes = tier.spec().blockBytes();
      this.perBatch = Math.clamp(BATCH_BYTES / blockBytes, 1, tier.spec().slots());
      this.batches = new BlockBatch[tier.spec().slots() / perBatch];
      for (int i = 0; i < batches.length; i++) {
        batches[i] = batch(i * perBatch);
      }
    }

    /** {@return a batch of blocks that are, in the tier and beside it, at the same offsets} */
    private BlockBatch batch(int first) {
      long[] offsets = new long[perBatch];
      int[] numbers = new int[perBatch];
      for (int i = 0; i < perBatch; i++) {
        numbers[i] = first + i;
        offsets[i] = numbers[i] * blockBytes;
      }
      return BlockBatch.of(host, offsets, numbers, new long[2 * perBatch], blockBytes);
    }

    /** Stores and loads every block once, and compares all bytes. */
    void verify() {
      for (long at = 0; at <= host.byteSize() - Long.BYTES; at += Long.BYTES) {
        host.set(ValueLayout.JAVA_LONG_UNALIGNED, at, word(at));
      }
      IntStream.range(0, batches.length).forEach(this::store);
      host.fill((byte) 0);
      IntStream.range(0, batches.length).forEach(this::load);
      long covered = (long) batches.length * perBatch * blockBytes;
      for (long at = 0; at < covered; at += Long.BYTES) {
        if (host.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != word(at)) {
          throw new IllegalStateException("Byte %d was stored and not loaded".formatted(at));
        }
      }
    }

    /** {@return eight bytes that tell where they are} */
    private static long word(long at) {
      return (at + 1) * 0x9e3779b97f4a7c15L;
    }

    long batchBytes() {
      return perBatch * blockBytes;
    }

    void store(int batch) {
      tier.store(batches[batch], Copies::ended);
    }

    void load(int batch) {
      tier.load(batches[batch], Copies::ended);
    }

    private static void ended(BatchResult result) {
      if (!(result instanceof BatchResult.Complete)) {
        throw new IllegalStateException("A copy in memory has failed: " + result);
      }
    }

    void storeByC(int batch) {
      copyByC(batch, host.address(), slots.address());
    }

    void loadByC(int batch) {
      copyByC(batch, slots.address(), host.address());
    }

    private void copyByC(int batch, long from, long to) {
      long first = (long) batch * perBatch * blockBytes;
      for (int i = 0; i < perBatch; i++) {
        long at = first + i * blockBytes;
        MemcpyNative.copy(from + at, to + at, blockBytes);
      }
    }
  }
}
