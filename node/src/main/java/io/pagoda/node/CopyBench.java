package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.StorageTier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/* How it measures. Memory of the caller and memory of the tier are each more than twice as large as
 * the last-level cache, and every copy goes on where the one before it stopped: bytes are always
 * cold. The tier and memcpy copy between the same memories on the same thread, in turns of two
 * milliseconds whose order alternates, so that neighbours disturb both alike. The ratio is the
 * median of the turns' ratios. Before that every byte is stored, loaded and compared.
 */

/** Measures a tier whose slots are memory against C's {@code memcpy}. */
final class CopyBench {
  /** The sizes of blocks that are worth a look. */
  static final List<ByteSize> SIZES = List.of(
      ByteSize.ofKibibytes(64), ByteSize.ofKibibytes(128), ByteSize.ofKibibytes(256),
      ByteSize.ofKibibytes(512), ByteSize.ofMebibytes(1), ByteSize.ofMebibytes(2),
      ByteSize.ofMebibytes(4), ByteSize.ofMebibytes(8));

  private static final Path LAST_CACHE = Path.of("/sys/devices/system/cpu/cpu0/cache/index3/size");
  private static final long LEAST_SIDE_BYTES = 512 << 20;
  private static final long BATCH_BYTES = 4 << 20;
  private static final long TURN_BYTES = 16 << 20;
  private static final int WARM_UP_TURNS = 16;

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
  static CopyBench ofThisMachine() {
    long cache = lastCacheBytes();
    long blocks = Math.ceilDiv(Math.max(LEAST_SIDE_BYTES, cache * 5 / 2), 8L << 20);
    return new CopyBench(blocks * (8L << 20), 127);
  }

  /** {@return the size of the largest cache; 0 where the kernel does not tell} */
  private static long lastCacheBytes() {
    try {
      String size = Files.isReadable(LAST_CACHE) ? Files.readString(LAST_CACHE).strip() : "";
      boolean told = size.matches("\\d+K");
      return told ? Long.parseLong(size.substring(0, size.length() - 1)) << 10 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + LAST_CACHE, e);
    }
  }

  /** {@return how many blocks of a size a tier under test must have} */
  int slots(ByteSize block) {
    return Math.toIntExact(sideBytes / block.bytes());
  }

  /**
   * Measures loads and stores of whole blocks.
   *
   * @param tier has {@link Addressable} slots and copies on the caller's thread
   */
  List<BenchResult> run(StorageTier tier) {
    try (Arena arena = Arena.ofShared()) {
      long bytes = tier.spec().slots() * tier.spec().blockBytes();
      MemorySegment host = arena.allocate(bytes, 2 << 20);
      var copies = new Copies(tier, host);
      copies.verify();
      BenchResult stores = measured("copy.store", copies, copies::store, copies::storeByC);
      BenchResult loads = measured("copy.load", copies, copies::load, copies::loadByC);
      return List.of(stores, loads);
    }
  }

  private BenchResult measured(String name, Copies copies, IntConsumer tier, IntConsumer byC) {
    List<Double> rates = new ArrayList<>();
    List<Double> limits = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
      boolean tierFirst = turn % 2 == 0;
      double first = copies.rate(tierFirst ? tier : byC);
      double second = copies.rate(tierFirst ? byC : tier);
      if (turn >= 0) {
        rates.add(tierFirst ? first : second);
        limits.add(tierFirst ? second : first);
        ratios.add(tierFirst ? first / second : second / first);
      }
    }
    return new BenchResult(
        name, Map.of("size", new ByteSize(copies.blockBytes).toString().replace(" ", "")),
        OptionalDouble.empty(), OptionalDouble.of(median(rates)), OptionalDouble.of(median(ratios)),
        Map.of("memcpy_gb_per_s", median(limits)));
  }

  private static double median(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Batches that cover a tier, and their bytes by address. */
  private static final class Copies {
    private final StorageTier tier;
    private final MemorySegment host;
    private final MemorySegment slots;
    private final long blockBytes;
    private final int perBatch;
    private final BlockBatch[] batches;
    private int next;

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

    /** Lets one way of copying have its turn, and returns its bytes per nanosecond. */
    double rate(IntConsumer copy) {
      long batchBytes = perBatch * blockBytes;
      long count = Math.clamp(TURN_BYTES / batchBytes, 1, batches.length);
      long start = System.nanoTime();
      for (long i = 0; i < count; i++) {
        copy.accept(next);
        next = (next + 1) % batches.length;
      }
      return (double) count * batchBytes / (System.nanoTime() - start);
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
