package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.run.Checksums;
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
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;

/**
 * A tier that others share, whose operations happen when the simulation says so. Others store and
 * delete; look-ups lie, loads fail, bytes are spoilt, and seals are missing now and then.
 */
final class SimulatedShelf implements StorageTier, Keyed {
  private final TierSpec spec;
  private final Sections sections;
  private final SplittableRandom random;
  private final Map<Long, Book> books;
  private final int faultEvery;
  private Consent consent = (_, _) -> {};

  /** Operations that have begun and not ended. */
  final List<Runnable> inFlight = new ArrayList<>();

  private record Book(byte[] bytes, int[] checksums) {}

  SimulatedShelf(int slots, Sections sections, SplittableRandom random) {
    this(slots, sections, random, random.nextInt(3) * 15, new TreeMap<>());
  }

  private SimulatedShelf(
      int slots, Sections sections, SplittableRandom random, int faultEvery,
      Map<Long, Book> books) {
    this.spec = new TierSpec(Medium.OBJECT, slots, sections.blockBytes(), 1, 3);
    this.sections = sections;
    this.random = random;
    this.faultEvery = faultEvery;
    this.books = books;
  }

  /** {@return the same shelf for an engine that is opened after this one has ended} */
  SimulatedShelf again() {
    return new SimulatedShelf(spec.slots(), sections, random, faultEvery, books);
  }

  /** Has another machine store a block, or delete one, having asked or not. */
  void othersWork(BlockKeys keys) {
    int last = keys.size() - 1;
    long low = keys.low(last);
    switch (random.nextInt(4)) {
      case 0 -> books.remove(low);
      case 1 -> consent.ask(new long[] {keys.high(last), low}, refused -> leave(low, refused));
      default -> books.putIfAbsent(low, computed(low));
    }
  }

  private void leave(long low, BitSet refused) {
    if (refused.isEmpty()) {
      books.remove(low);
    }
  }

  private Book computed(long low) {
    byte[] bytes = new byte[(int) spec.blockBytes()];
    int version = random.nextInt(Versions.COUNT);
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] = (byte) (Versions.pattern(low, at) + version);
    }
    var alone =
        BlockBatch.withoutKeys(MemorySegment.ofArray(bytes), new long[1], new int[1], bytes.length);
    int[] sums = new int[sections.count()];
    for (int s = 0; s < sums.length; s++) {
      sums[s] = new Checksums().of(alone, 0, sections.get(s));
    }
    return new Book(bytes, sums);
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
    start(() -> {
      int count = goesWrong() ? random.nextInt(keys.length / 2 + 2) : 0;
      while (2 * count < keys.length && books.containsKey(keys[2 * count + 1])) {
        count++;
      }
      found.accept(count);
    });
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    load(batch, (_, _, _) -> {}, completion);
  }

  @Override
  public void load(BlockBatch batch, Sealing sealing, Completion completion) {
    batch.checkFits(spec);
    start(() -> {
      var fault = random.nextBoolean() ? Fault.TRANSIENT : Fault.PERMANENT;
      if (goesWrong()) {
        completion.complete(new BatchResult.Failed(new PagodaException(fault, "simulated")));
        return;
      }
      var missed = new BitSet();
      for (int i = 0; i < batch.size(); i++) {
        Book book = books.get(batch.keyLow(i));
        missed.set(i, book == null || goesWrong());
        if (book != null) {
          batch.memory(i).copyFrom(MemorySegment.ofArray(book.bytes));
        }
        if (book != null && !goesWrong()) {
          sealing.sealed(i, book.checksums, 0);
        }
        if (missed.get(i) || goesWrong()) {
          batch.memory(i).set(ValueLayout.JAVA_BYTE, 0, (byte) random.nextInt());
        }
      }
      completion.complete(
          missed.isEmpty()
              ? BatchResult.COMPLETE
              : new BatchResult.Partial(missed, new PagodaException(fault, "simulated")));
    });
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    batch.checkFits(spec);
    Seals seals = batch.seals().orElseThrow();
    start(() -> {
      for (int i = 0; i < batch.size(); i++) {
        int[] sums = new int[seals.perBlock()];
        for (int s = 0; s < sums.length; s++) {
          sums[s] = seals.checksum(i, s);
        }
        byte[] bytes = batch.memory(i).toArray(ValueLayout.JAVA_BYTE);
        books.putIfAbsent(batch.keyLow(i), new Book(bytes, sums));
      }
      var lost = new PagodaException(Fault.TRANSIENT, "nobody knows whether it is there");
      completion.complete(goesWrong() ? new BatchResult.Failed(lost) : BatchResult.COMPLETE);
    });
  }

  @Override
  public void reject(long keyHigh, long keyLow) {
    books.remove(keyLow);
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    var done = new CompletableFuture<Void>();
    start(() -> {
      books.clear();
      done.complete(null);
    });
    return done;
  }

  private void start(Runnable operation) {
    if (random.nextInt(3) == 0) {
      operation.run();
    } else {
      inFlight.add(operation);
    }
  }

  private boolean goesWrong() {
    return faultEvery > 0 && random.nextInt(faultEvery) == 0;
  }

  @Override
  public void close() {}
}
