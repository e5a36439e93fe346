package io.pagoda.core;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A tier over bytes and records that outlive it. Operations end before the call returns, unless
 * they are held, or go as a test says.
 */
final class LastingTier implements StorageTier, Recoverable, Metered {
  private final TierSpec spec;
  private final Disk disk;

  /** What was called, in order. */
  final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  /** Says how an operation ends, "load" or "store"; null as it should. */
  volatile @Nullable BiFunction<String, BlockBatch, BatchResult> fate;

  /** Holds operations back while it is true. */
  volatile boolean holding;

  /** Operations that are held back. */
  final List<Runnable> held = Collections.synchronizedList(new ArrayList<>());

  /** What {@link #forgetAll} returns, if not at once. */
  volatile CompletionStage<Void> emptied = CompletableFuture.completedStage(null);

  /** What it says is amiss with a part of it. */
  volatile String trouble = "";

  /** What a close waits for, if it is to hang. */
  volatile @Nullable CountDownLatch closing;

  /** What outlives a tier. */
  static final class Disk {
    final byte[][] bytes;
    final Records records;
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    @Nullable SealShape shape;

    Disk(int slots, int blockBytes) {
      bytes = new byte[slots][blockBytes];
      records = new Records(slots);
    }
  }

  LastingTier(Disk disk) {
    this(disk, 4);
  }

  LastingTier(Disk disk, int batches) {
    this.disk = disk;
    this.spec = new TierSpec(Medium.DISK, disk.bytes.length, disk.bytes[0].length, 1, batches);
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void recover(SealShape shape, Recovery recovery) {
    disk.shape = shape;
    disk.records.handOver(recovery, disk.seed);
  }

  @Override
  public void forget(int slot) {
    calls.add("forget " + slot);
    disk.records.forget(slot);
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    calls.add("forgetAll");
    disk.records.forgetAll();
    return emptied;
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    batch.checkFits(spec);
    go("load", batch, completion, i -> {
      MemorySegment bytes = MemorySegment.ofArray(disk.bytes[batch.slot(i)]);
      batch.memory(i).copyFrom(bytes.asSlice(batch.rangeOffset(), batch.rangeBytes()));
    });
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    batch.checkFits(spec);
    go("store", batch, completion, i -> {
      calls.add("store " + batch.slot(i));
      disk.records.forget(batch.slot(i));
      MemorySegment.ofArray(disk.bytes[batch.slot(i)]).copyFrom(batch.memory(i));
      disk.records.write(batch, i);
    });
  }

  /** Moves one block. */
  private interface Move {
    void block(int index);
  }

  private void go(String what, BlockBatch batch, Completion completion, Move move) {
    Runnable operation = () -> {
      var decides = fate;
      BatchResult result = decides == null ? BatchResult.COMPLETE : decides.apply(what, batch);
      for (int i = 0; i < batch.size(); i++) {
        if (result.moved(i)) {
          move.block(i);
        }
      }
      completion.complete(result);
    };
    synchronized (held) { // or it is held after the last was let go
      if (holding) {
        held.add(operation);
        return;
      }
    }
    operation.run();
  }

  /** Lets go what is held back. */
  void letGo() {
    synchronized (held) {
      holding = false;
    }
    for (Runnable next = firstHeld(); next != null; next = firstHeld()) {
      next.run();
    }
  }

  private @Nullable Runnable firstHeld() {
    synchronized (held) {
      return held.isEmpty() ? null : held.removeFirst();
    }
  }

  @Override
  public Map<Figure, Long> figures() {
    return Map.of(Figure.SYNCS, (long) calls.size(), Figure.BYTES_WRITTEN_EVER, 77L);
  }

  @Override
  public String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    CountDownLatch awaited = closing;
    if (awaited != null) {
      try {
        awaited.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    letGo();
  }
}
