package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.pagoda.Fault;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One of several tiers that share a place. Blocks are named by numbers, from which their keys and
 * seals follow; their bytes, too, unless others are given.
 */
final class Sharer implements AutoCloseable {
  private final Trial trial;
  private final Keyed keyed;
  private final int checksums;

  Sharer(TierUnderTest test, SealShape shape) {
    trial = new Trial(test);
    checksums = shape.checksums();
    try {
      keyed = trial.tier().ability(Keyed.class).orElseThrow();
      keyed.join(shape, (keys, refused) -> refused.accept(new BitSet()));
    } catch (RuntimeException | Error e) {
      trial.close();
      throw e;
    }
  }

  /** Runs a task that may wait in a thread of its own. */
  static void start(Runnable task) {
    Thread.ofPlatform().daemon().name("sharer").start(task);
  }

  Keyed keyed() {
    return keyed;
  }

  /** Stores blocks with the bytes that their names stand for. */
  void store(long... names) {
    storeWith(names, names);
  }

  /** Stores consecutive blocks of a prefix, so many of which come before them. */
  void storeAt(int depth, long... names) {
    int[] depths = IntStream.range(0, names.length).map(i -> depth + i).toArray();
    store(names, names, depths);
  }

  /** Stores blocks with the bytes of others. */
  void storeWith(long[] names, long[] bytes) {
    store(names, bytes, null);
  }

  private void store(long[] names, long[] bytes, int @Nullable [] depths) {
    HostBlocks source = trial.memory(names.length);
    for (int i = 0; i < names.length; i++) {
      source.fill(i, bytes[i]);
    }
    BlockBatch batch = source.batch(slots(names.length), names).sealed(seals(depths, names));
    trial.store(batch, source::scribble).arrives(trial.patience());
  }

  private static int[] slots(int count) {
    return IntStream.range(0, count).map(i -> i % 8).toArray();
  }

  /** {@return how many of these blocks are found} */
  int find(long... names) {
    return findAt(0, names);
  }

  /** {@return how many of these blocks are found, if so many of their prefix come before them} */
  int findAt(int depth, long... names) {
    return findKeys(depth, HostBlocks.words(names));
  }

  /** {@return how many of the blocks of these keys, two words for each, are found} */
  int findKeys(int depth, long... words) {
    var found = new CompletableFuture<Integer>();
    var calls = new AtomicInteger();
    keyed.find(words, depth, count -> {
      calls.incrementAndGet();
      found.complete(count);
    });
    int count = Receipt.await(found, "find", trial.patience());
    assertEquals(1, calls.get(), "answers of one find");
    return count;
  }

  /** Expects that blocks arrive with the bytes and the seals that their names stand for. */
  void expect(long... names) {
    expectWith(names, names);
  }

  /** Expects that blocks arrive with the bytes of others, and their own seals. */
  void expectWith(long[] names, long[] bytes) {
    HostBlocks target = trial.memory(names.length);
    for (int i = 0; i < names.length; i++) {
      target.expect(i, bytes[i]);
    }
    Map<Integer, int[]> told = new ConcurrentHashMap<>();
    load(target, names, told, target::check).arrives(trial.patience());
    for (int i = 0; i < names.length; i++) {
      assertArrayEquals(sums(names[i]), told.get(i), "the seals of block " + names[i]);
    }
  }

  /** Expects that these blocks are missed for good, and the others arrive. */
  void expectMissing(long[] names, int... positions) {
    expectMissingKeys(HostBlocks.words(names), positions);
  }

  /** As {@link #expectMissing}, of the blocks of keys, two words for each. */
  void expectMissingKeys(long[] words, int... positions) {
    int blocks = words.length / 2;
    HostBlocks target = trial.memory(blocks);
    Map<Integer, int[]> told = new ConcurrentHashMap<>();
    var result = new CompletableFuture<BatchResult>();
    BlockBatch batch = target.batchByWords(slots(blocks), words);
    trial.issue("load of " + batch, () -> {}, receipt -> keyed.load(batch, keep(told), ended -> {
      receipt.complete(ended);
      result.complete(ended);
    }));
    BatchResult ended = Receipt.await(result, "load", trial.patience());
    for (int i = 0; i < blocks; i++) {
      int at = i;
      boolean missing = Arrays.stream(positions).anyMatch(position -> position == at);
      assertEquals(!missing, ended.moved(i), "whether block " + i + " was moved: " + ended);
      assertEquals(!missing, told.containsKey(i), "whether the seals of " + i + " were told");
    }
    assertEquals(Fault.PERMANENT, cause(ended), () -> "the fault of " + ended);
  }

  private static Fault cause(BatchResult ended) {
    return switch (ended) {
      case BatchResult.Complete _ -> fail("every block was moved");
      case BatchResult.Partial partial -> partial.cause().fault();
      case BatchResult.Failed failed -> failed.cause().fault();
    };
  }

  private Receipt load(
      HostBlocks target, long[] names, Map<Integer, int[]> told, Runnable inspection) {
    BlockBatch batch = target.batch(slots(names.length), names);
    return trial
        .issue("load of " + batch, inspection, receipt -> keyed.load(batch, keep(told), receipt));
  }

  private Keyed.Sealing keep(Map<Integer, int[]> told) {
    return (index, sums, from) -> {
      int[] copy = Arrays.copyOfRange(sums, from, from + checksums);
      assertNull(told.put(index, copy), () -> "the seals of " + index + " were told twice");
    };
  }

  void reject(long name) {
    long[] key = HostBlocks.words(name);
    keyed.reject(key[0], key[1]);
  }

  private Seals seals(int @Nullable [] depths, long... names) {
    long[] parents = Arrays.stream(names).map(name -> name - 1).toArray();
    int[] sums = Arrays.stream(names).mapToObj(this::sums).flatMapToInt(Arrays::stream).toArray();
    return new Seals(HostBlocks.words(parents), depths, sums, checksums);
  }

  private int[] sums(long name) {
    return IntStream.range(0, checksums).map(i -> (int) Pattern.mix(31 * name + i)).toArray();
  }

  @Override
  public void close() {
    trial.close();
  }
}
