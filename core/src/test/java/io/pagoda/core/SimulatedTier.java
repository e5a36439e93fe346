package io.pagoda.core;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A tier in memory whose operations happen when the simulation says so, and sometimes fail, lie or
 * spoil bytes. It also checks its caller: a slot is never stored to while it is in use.
 */
final class SimulatedTier implements StorageTier, Recoverable {
  private final TierSpec spec;
  private final SplittableRandom random;
  private final byte[][] slots;
  private final int[] loading;
  private final boolean[] storing;
  private final @Nullable Records records;
  private boolean closed;

  /** What the engine did that it must not; empty as long as it has not. */
  String misuse = "";

  /** What every call throws, if not null. */
  @Nullable Error breakdown;

  /** Operations that have begun and not ended. */
  final List<Runnable> inFlight = Collections.synchronizedList(new ArrayList<>());

  /** The block of the next load that arrives spoilt; -1 for none. */
  int spoilNext = -1;

  /** Whether operations complete with null, as no operation may. */
  boolean tellsNothing;

  /** Of how many operations one ends before the call returns; 0 for none. */
  int atOnceEvery;

  /** Of how many operations one goes wrong; 0 for none. */
  int faultEvery;

  SimulatedTier(int slotCount, int blockBytes, SplittableRandom random) {
    this.spec = new TierSpec(Medium.DISK, slotCount, blockBytes, 1, 3);
    this.random = random;
    this.slots = new byte[slotCount][blockBytes];
    this.loading = new int[slotCount];
    this.storing = new boolean[slotCount];
    this.records = null;
  }

  /**
   * Opens a tier that outlives the process on what another left. Of stores that were on their way
   * nothing may have come, or anything, or all.
   */
  SimulatedTier(SimulatedTier before, Records records) {
    this.spec = before.spec;
    this.random = before.random;
    this.slots = before.slots;
    this.loading = new int[slots.length];
    this.storing = new boolean[slots.length];
    this.records = records;
    this.atOnceEvery = before.atOnceEvery;
    this.faultEvery = before.faultEvery;
  }

  /** {@return what is known of its blocks, if it outlives the process} */
  Optional<Records> records() {
    return Optional.ofNullable(records);
  }

  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    return ability == Recoverable.class && records == null
        ? Optional.empty()
        : StorageTier.super.ability(ability);
  }

  private Records known() {
    return records().orElseThrow();
  }

  @Override
  public void recover(SealShape shape, Recovery recovery) {
    known().handOver(recovery, random.nextLong());
  }

  @Override
  public void forget(int slot) {
    if (storing[slot] || loading[slot] != 0) {
      misuse = "slot " + slot + " is forgotten while it is in use";
    }
    known().forget(slot);
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    if (!inFlight.isEmpty()) {
      misuse = "all is forgotten while something is in flight";
    }
    known().forgetAll();
    var done = new CompletableFuture<Void>();
    start(() -> done.complete(null));
    return done;
  }

  /** Breaks off: what is stored just now is there, or half there, or not at all. */
  void crash() {
    for (int slot = 0; slot < slots.length; slot++) {
      if (storing[slot] && random.nextBoolean()) {
        int torn = slot;
        records().ifPresent(records -> records.forget(torn));
        random.nextBytes(slots[slot]);
      }
    }
    if (random.nextBoolean()) {
      List.copyOf(inFlight).forEach(Runnable::run);
    }
    inFlight.clear();
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    begin(batch);
    for (int i = 0; i < batch.size(); i++) {
      loading[batch.slot(i)]++;
    }
    start(() -> {
      BatchResult result = fate(batch);
      for (int i = 0; i < batch.size(); i++) {
        loading[batch.slot(i)]--;
        byte[] bytes = slots[batch.slot(i)];
        // what did not move may hold anything
        batch.memory(i)
            .copyFrom(
                MemorySegment.ofArray(bytes).asSlice(batch.rangeOffset(), batch.rangeBytes()));
        if (!result.moved(i) || goesWrong() || i == spoilNext) {
          spoil(batch.memory(i));
        }
      }
      spoilNext = -1;
      completion.complete(result);
    });
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    begin(batch);
    for (int i = 0; i < batch.size(); i++) {
      if (loading[batch.slot(i)] != 0) {
        misuse = "slot " + batch.slot(i) + " is stored to while it is being loaded from";
      }
      storing[batch.slot(i)] = true;
    }
    start(() -> {
      BatchResult result = fate(batch);
      for (int i = 0; i < batch.size(); i++) {
        storing[batch.slot(i)] = false;
        boolean lost = goesWrong();
        if (records != null && result.moved(i)) {
          records.write(batch, i);
        }
        if (!lost) {
          MemorySegment.ofArray(slots[batch.slot(i)]).copyFrom(batch.memory(i));
        }
        if (goesWrong()) {
          spoil(MemorySegment.ofArray(slots[batch.slot(i)]));
        }
      }
      complete(completion, result);
    });
  }

  @SuppressWarnings("NullAway") // that is what a broken plugin does
  private void complete(Completion completion, BatchResult result) {
    completion.complete(tellsNothing ? null : result);
  }

  private void begin(BlockBatch batch) {
    if (closed) {
      throw new IllegalStateException("The tier is closed");
    }
    if (breakdown != null) {
      throw breakdown;
    }
    batch.checkFits(spec);
    if (inFlight.size() >= spec.batches()) {
      misuse = "more batches at once than the tier asked for: " + (inFlight.size() + 1);
    }
    for (int i = 0; i < batch.size(); i++) {
      if (storing[batch.slot(i)]) {
        misuse = "slot " + batch.slot(i) + " is used while it is being stored to";
      }
    }
  }

  private void start(Runnable operation) {
    if (atOnceEvery > 0 && random.nextInt(atOnceEvery) == 0) {
      operation.run();
    } else {
      inFlight.add(operation);
    }
  }

  private BatchResult fate(BlockBatch batch) {
    if (!goesWrong()) {
      return BatchResult.COMPLETE;
    }
    Fault fault = random.nextBoolean()
        ? Fault.TRANSIENT
        : random.nextInt(20) == 0 ? Fault.FATAL : Fault.PERMANENT;
    var cause = new PagodaException(fault, "simulated");
    if (random.nextBoolean()) {
      return new BatchResult.Failed(cause);
    }
    var missed = new BitSet();
    missed.set(random.nextInt(batch.size()));
    return new BatchResult.Partial(missed, cause);
  }

  private boolean goesWrong() {
    return faultEvery > 0 && random.nextInt(faultEvery) == 0;
  }

  private void spoil(MemorySegment bytes) {
    long at = random.nextLong(bytes.byteSize());
    byte old = bytes.get(ValueLayout.JAVA_BYTE, at);
    bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ (1 + random.nextInt(255))));
  }

  @Override
  public void close() {
    closed = true;
  }
}
