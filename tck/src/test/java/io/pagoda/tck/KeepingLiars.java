package io.pagoda.tck;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Seals;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Tiers that keep blocks beyond their close and break one promise each. */
final class KeepingLiars {
  private KeepingLiars() {}

  /** What a tier knows of a block. */
  record Entry(long generation, long high, long low, Seals seals) {}

  /** A place where blocks lie while no tier is open, and a tier that is honest. */
  static class Honest implements RecoverableContract {
    final TreeMap<Integer, Entry> entries = new TreeMap<>();
    final MemoryTier truth = new MemoryTier(10, 512);
    Recoverable.@Nullable SealShape sealedBy;
    long generation;

    @Override
    public StorageTier open() {
      return new Tier();
    }

    /** Notes a block of a store. */
    void note(BlockBatch batch, int index, Seals seals) {
      int[] sums = new int[seals.perBlock()];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = seals.checksum(index, i);
      }
      long[] parent = {seals.parentHigh(index), seals.parentLow(index)};
      entries.put(
          batch.slot(index),
          new Entry(
              ++generation, batch.keyHigh(index), batch.keyLow(index),
              new Seals(parent, sums, sums.length)));
    }

    void forget(int slot) {
      entries.remove(slot);
    }

    void forgetAll() {
      entries.clear();
    }

    void check(Recoverable.SealShape shape) {
      if (!entries.isEmpty() && !shape.equals(sealedBy)) {
        throw new PagodaException(Fault.PERMANENT, "sealed as " + sealedBy);
      }
      sealedBy = shape;
    }

    private final class Tier implements StorageTier, Recoverable {
      @Override
      public TierSpec spec() {
        return truth.spec();
      }

      @Override
      public void load(BlockBatch batch, Completion completion) {
        truth.load(batch, completion);
      }

      @Override
      public void store(BlockBatch batch, Completion completion) {
        truth.store(batch, _ -> {});
        batch.seals().ifPresent(seals -> {
          for (int i = 0; i < batch.size(); i++) {
            note(batch, i, seals);
          }
        });
        completion.complete(BatchResult.COMPLETE);
      }

      @Override
      public void recover(SealShape shape, Recovery recovery) {
        check(shape);
        entries.forEach(
            (slot, entry) -> recovery
                .block(slot, entry.generation(), entry.high(), entry.low(), entry.seals()));
      }

      @Override
      public void forget(int slot) {
        Honest.this.forget(slot);
      }

      @Override
      public CompletionStage<Void> forgetAll() {
        Honest.this.forgetAll();
        return CompletableFuture.completedStage(null);
      }

      @Override
      public void close() {
        // The bytes stay where they are until the next one is opened.
      }
    }
  }

  /** Keeps only the first block of a batch. */
  static class LosesPartOfABatch extends Honest {
    @Override
    void note(BlockBatch batch, int index, Seals seals) {
      if (index == 0) {
        super.note(batch, index, seals);
      }
    }
  }

  /** Gives every block the seals of the first of its batch. */
  static class MixesSeals extends Honest {
    @Override
    void note(BlockBatch batch, int index, Seals seals) {
      super.note(batch, index, seals);
      Entry first = entries.get(batch.slot(0));
      Entry own = entries.get(batch.slot(index));
      if (first != null && own != null) {
        entries.put(
            batch.slot(index), new Entry(own.generation(), own.high(), own.low(), first.seals()));
      }
    }
  }

  /** Keeps the first block that a slot ever had. */
  static class KeepsTheFirst extends Honest {
    @Override
    void note(BlockBatch batch, int index, Seals seals) {
      if (!entries.containsKey(batch.slot(index))) {
        super.note(batch, index, seals);
      }
    }
  }

  /** Counts generations from the start each time it is opened. */
  static class CountsAnew extends Honest {
    @Override
    public StorageTier open() {
      generation = 0;
      return super.open();
    }
  }

  /** Hands over what was given up. */
  static class ForgetsNothing extends Honest {
    @Override
    void forget(int slot) {
      // That is the lie.
    }
  }

  /** Forgets all but the first. */
  static class ForgetsAlmostAll extends Honest {
    @Override
    void forgetAll() {
      entries.tailMap(0, false).clear();
    }
  }

  /** Hands over blocks that cannot be verified. */
  static class IgnoresTheShape extends Honest {
    @Override
    void check(Recoverable.SealShape shape) {
      // That is the lie.
    }
  }

  /** Is so afraid of the wrong shape that it deletes all that has it. */
  static class DeletesWhatItRefuses extends Honest {
    @Override
    void check(Recoverable.SealShape shape) {
      try {
        super.check(shape);
      } catch (PagodaException e) {
        entries.clear();
        throw e;
      }
    }
  }
}
