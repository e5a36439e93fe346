package io.pagoda.core;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.Seals;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A tier of one engine over a shelf that several share. Everything ends before a call returns. */
final class Shelf implements StorageTier, Keyed {
  /** What is shared, by the lower half of the key. */
  static final class Shared {
    final Map<Long, Book> books = new ConcurrentHashMap<>();
  }

  /** A block and what it was sealed with. */
  record Book(byte[] bytes, int[] checksums) {
    Book {
      bytes = bytes.clone();
      checksums = checksums.clone();
    }
  }

  private final Shared shared;
  private final TierSpec spec;

  /** What was called, in order. */
  final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  /** How deep blocks are that this engine has stored. */
  final Map<Long, Integer> depths = new ConcurrentHashMap<>();

  /** Whom to ask before something is deleted. */
  @Nullable Consent consent;

  /** Whether look-ups are kept waiting. */
  volatile boolean holding;

  /** Look-ups that are. */
  final List<Runnable> held = Collections.synchronizedList(new ArrayList<>());

  /** What goes wrong with every load, if anything. */
  volatile @Nullable PagodaException fate;

  Shelf(Shared shared, int slots, int blockBytes) {
    this.shared = shared;
    this.spec = new TierSpec(Medium.OBJECT, slots, blockBytes, 1, 4);
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void join(SealShape shape, Consent who) {
    consent = who;
  }

  @Override
  public void find(long[] keys, int depth, IntConsumer found) {
    calls.add("find %d at %d".formatted(keys.length / 2, depth));
    Runnable looking = () -> {
      int count = 0;
      while (2 * count < keys.length && shared.books.containsKey(keys[2 * count + 1])) {
        count++;
      }
      found.accept(count);
    };
    if (holding) {
      held.add(looking);
    } else {
      looking.run();
    }
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    load(batch, (_, _, _) -> {}, completion);
  }

  @Override
  public void load(BlockBatch batch, Sealing sealing, Completion completion) {
    calls.add("load " + batch.size());
    PagodaException wrong = fate;
    if (wrong != null) {
      completion.complete(new BatchResult.Failed(wrong));
      return;
    }
    var missed = new BitSet();
    for (int i = 0; i < batch.size(); i++) {
      Book book = shared.books.get(batch.keyLow(i));
      if (book == null) {
        missed.set(i);
      } else {
        batch.memory(i).copyFrom(MemorySegment.ofArray(book.bytes));
        sealing.sealed(i, book.checksums, 0);
      }
    }
    var gone = new PagodaException(Fault.PERMANENT, "it is not on the shelf");
    completion
        .complete(missed.isEmpty() ? BatchResult.COMPLETE : new BatchResult.Partial(missed, gone));
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    Seals seals = batch.seals().orElseThrow();
    for (int i = 0; i < batch.size(); i++) {
      int[] sums = new int[seals.perBlock()];
      for (int s = 0; s < sums.length; s++) {
        sums[s] = seals.checksum(i, s);
      }
      byte[] bytes = batch.memory(i).toArray(ValueLayout.JAVA_BYTE);
      shared.books.putIfAbsent(batch.keyLow(i), new Book(bytes, sums));
      depths.put(batch.keyLow(i), seals.depth(i));
    }
    calls.add("store " + batch.size());
    completion.complete(BatchResult.COMPLETE);
  }

  @Override
  public void reject(long keyHigh, long keyLow) {
    calls.add("reject " + keyLow);
    shared.books.remove(keyLow);
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    calls.add("forgetAll");
    shared.books.clear();
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
