package io.pagoda.tck;

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
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tiers that share a place and break one promise each. */
final class KeyedLiars {
  private static final SealShape NONE = new SealShape(1, 0);

  private KeyedLiars() {}

  /** What a block is found by. */
  record Key(long high, long low, SealShape shape) {}

  /** What is stored of a block. */
  record Stored(byte[] bytes, int[] sums) {}

  /** A place, and tiers on it that are honest. */
  static class Honest implements KeyedTierContract {
    final Map<Key, Stored> place = new ConcurrentHashMap<>();

    @Override
    public StorageTier open() {
      return new Tier(place);
    }

    /** {@return what a block is found by} */
    Key key(long high, long low, SealShape shape) {
      return new Key(high, low, shape);
    }

    /** {@return what is loaded of a block, if it is there} */
    @Nullable
    Stored loaded(Map<Key, Stored> blocks, Key key) {
      return blocks.get(key);
    }

    void put(Map<Key, Stored> blocks, Key key, Stored stored) {
      blocks.putIfAbsent(key, stored);
    }

    /** {@return how many blocks are told to be there} */
    int count(boolean[] there) {
      return (int) IntStream.range(0, there.length).takeWhile(i -> there[i]).count();
    }

    void answer(IntConsumer found, int count) {
      found.accept(count);
    }

    int[] sums(Stored stored) {
      return stored.sums;
    }

    void reject(Map<Key, Stored> blocks, Key key) {
      blocks.remove(key);
    }

    BatchResult result(BitSet missed) {
      return missed.isEmpty()
          ? BatchResult.COMPLETE
          : new BatchResult.Partial(missed, new PagodaException(Fault.PERMANENT, "not there"));
    }

    void closed() {}

    /** A tier on the place. */
    final class Tier implements StorageTier, Keyed {
      private final Map<Key, Stored> blocks;
      private volatile SealShape sealedBy = NONE;

      Tier(Map<Key, Stored> blocks) {
        this.blocks = blocks;
      }

      @Override
      public TierSpec spec() {
        return new TierSpec(Medium.OBJECT, 8, 512, 1, 8);
      }

      @Override
      public void join(SealShape shape, Consent consent) {
        sealedBy = shape;
      }

      private Key key(BlockBatch batch, int i) {
        return Honest.this.key(batch.keyHigh(i), batch.keyLow(i), sealedBy);
      }

      @Override
      public void store(BlockBatch batch, Completion completion) {
        Seals seals = batch.seals().orElseThrow();
        for (int i = 0; i < batch.size(); i++) {
          int at = i;
          int[] sums =
              IntStream.range(0, seals.perBlock()).map(s -> seals.checksum(at, s)).toArray();
          byte[] bytes = batch.memory(i).toArray(ValueLayout.JAVA_BYTE);
          put(blocks, key(batch, i), new Stored(bytes, sums));
        }
        completion.complete(BatchResult.COMPLETE);
      }

      @Override
      public void load(BlockBatch batch, Completion completion) {
        load(batch, (_, _, _) -> {}, completion);
      }

      @Override
      public void load(BlockBatch batch, Sealing sealing, Completion completion) {
        var missed = new BitSet();
        for (int i = 0; i < batch.size(); i++) {
          @Nullable Stored stored = loaded(blocks, key(batch, i));
          if (stored == null) {
            missed.set(i);
          } else {
            batch.memory(i).copyFrom(MemorySegment.ofArray(stored.bytes));
            sealing.sealed(i, sums(stored), 0);
          }
        }
        completion.complete(result(missed));
      }

      @Override
      public void find(long[] keys, int depth, IntConsumer found) {
        boolean[] there = new boolean[keys.length / 2];
        for (int i = 0; i < there.length; i++) {
          there[i] = blocks.containsKey(Honest.this.key(keys[2 * i], keys[2 * i + 1], sealedBy));
        }
        answer(found, count(there));
      }

      @Override
      public void reject(long keyHigh, long keyLow) {
        Honest.this.reject(blocks, Honest.this.key(keyHigh, keyLow, sealedBy));
      }

      @Override
      public CompletionStage<Void> forgetAll() {
        blocks.clear();
        return CompletableFuture.completedStage(null);
      }

      @Override
      public void close() {
        closed();
      }
    }
  }

  /** Counts what is there behind a gap. */
  static final class CountsAcrossGaps extends Honest {
    @Override
    int count(boolean[] there) {
      return (int) IntStream.range(0, there.length).filter(i -> there[i]).count();
    }
  }

  /** Finds one block more than there is. */
  static final class FindsOneMore extends Honest {
    @Override
    int count(boolean[] there) {
      return Math.min(there.length, super.count(there) + 1);
    }
  }

  /** Answers a question twice. */
  static final class AnswersTwice extends Honest {
    @Override
    void answer(IntConsumer found, int count) {
      found.accept(count);
      found.accept(count);
    }
  }

  /** Does not answer. */
  static final class NeverAnswers extends Honest {
    @Override
    void answer(IntConsumer found, int count) {}

    @Override
    public Duration patience() {
      return Duration.ofMillis(50);
    }
  }

  /** Keeps what was stored last. */
  static final class KeepsTheLast extends Honest {
    @Override
    void put(Map<Key, Stored> blocks, Key key, Stored stored) {
      blocks.put(key, stored);
    }
  }

  /** Shows nobody else what it has. */
  static final class SharesNothing extends Honest {
    @Override
    public StorageTier open() {
      return new Tier(new ConcurrentHashMap<>());
    }
  }

  /** Says of what is not there that it may come. */
  static final class MissesForNow extends Honest {
    @Override
    BatchResult result(BitSet missed) {
      return missed.isEmpty()
          ? BatchResult.COMPLETE
          : new BatchResult.Partial(missed, new PagodaException(Fault.TRANSIENT, "not yet"));
    }
  }

  /** Says that what is not there has come. */
  static final class MissesNothing extends Honest {
    @Override
    BatchResult result(BitSet missed) {
      return BatchResult.COMPLETE;
    }
  }

  /** Tells of other seals than a block was stored with. */
  static final class TellsOtherSeals extends Honest {
    @Override
    int[] sums(Stored stored) {
      return IntStream.of(stored.sums).map(sum -> sum + 1).toArray();
    }
  }

  /** Does not look at what blocks were sealed under. */
  static final class IgnoresTheShape extends Honest {
    @Override
    Key key(long high, long low, SealShape shape) {
      return new Key(high, low, NONE);
    }
  }

  /** Takes two keys for one that differ in their first bit. */
  static final class IgnoresABit extends Honest {
    @Override
    Key key(long high, long low, SealShape shape) {
      return super.key(high & Long.MAX_VALUE, low, shape);
    }
  }

  /** Finds by all of a key, and loads by all but its last bit. */
  static final class LoadsWithoutABit extends Honest {
    @Override
    @Nullable
    Stored loaded(Map<Key, Stored> blocks, Key key) {
      var twin = new Key(key.high, key.low ^ 1, key.shape);
      return blocks.containsKey(key) ? blocks.get(key) : blocks.get(twin);
    }
  }

  /** Keeps what was rejected. */
  static final class RejectsNothing extends Honest {
    @Override
    void reject(Map<Key, Stored> blocks, Key key) {}
  }

  /** Takes what it has stored with it. */
  static final class EmptiesThePlace extends Honest {
    @Override
    void closed() {
      place.clear();
    }
  }
}
