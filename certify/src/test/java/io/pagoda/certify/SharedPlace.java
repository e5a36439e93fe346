package io.pagoda.certify;

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
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** A place in memory that tiers share, or do not. */
final class SharedPlace {
  private final Map<Key, Stored> blocks = new ConcurrentHashMap<>();
  private final boolean shared;

  SharedPlace(boolean shared) {
    this.shared = shared;
  }

  private record Key(long high, long low, SealShape shape) {}

  private record Stored(byte[] bytes, int[] sums) {}

  StorageTier open() {
    return new Tier(shared ? blocks : new ConcurrentHashMap<>());
  }

  private static final class Tier implements StorageTier, Keyed {
    private final Map<Key, Stored> blocks;
    private volatile SealShape shape = new SealShape(1, 0);

    Tier(Map<Key, Stored> blocks) {
      this.blocks = blocks;
    }

    @Override
    public TierSpec spec() {
      return new TierSpec(Medium.OBJECT, 8, 512, 1, 8);
    }

    @Override
    public void join(SealShape sealedBy, Consent consent) {
      shape = sealedBy;
    }

    private Key key(BlockBatch batch, int i) {
      return new Key(batch.keyHigh(i), batch.keyLow(i), shape);
    }

    @Override
    public void store(BlockBatch batch, Completion completion) {
      Seals seals = batch.seals().orElseThrow();
      for (int i = 0; i < batch.size(); i++) {
        int at = i;
        int[] sums = IntStream.range(0, seals.perBlock()).map(s -> seals.checksum(at, s)).toArray();
        byte[] bytes = batch.memory(i).toArray(ValueLayout.JAVA_BYTE);
        blocks.putIfAbsent(key(batch, i), new Stored(bytes, sums));
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
        Key key = key(batch, i);
        missed.set(i, !blocks.containsKey(key));
        if (!missed.get(i)) {
          Stored stored = blocks.getOrDefault(key, new Stored(new byte[0], new int[0]));
          batch.memory(i).copyFrom(MemorySegment.ofArray(stored.bytes));
          sealing.sealed(i, stored.sums, 0);
        }
      }
      completion.complete(
          missed.isEmpty()
              ? BatchResult.COMPLETE
              : new BatchResult.Partial(missed, new PagodaException(Fault.PERMANENT, "not there")));
    }

    @Override
    public void find(long[] keys, int depth, IntConsumer found) {
      found.accept(
          (int) IntStream.range(0, keys.length / 2)
              .takeWhile(i -> blocks.containsKey(new Key(keys[2 * i], keys[2 * i + 1], shape)))
              .count());
    }

    @Override
    public void reject(long keyHigh, long keyLow) {
      blocks.remove(new Key(keyHigh, keyLow, shape));
    }

    @Override
    public CompletionStage<Void> forgetAll() {
      blocks.clear();
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void close() {}
  }
}
