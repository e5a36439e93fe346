package io.pagoda.core.bench;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.Seals;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Slots that say they have held the blocks of long prefixes since before, in no order. */
final class LastingSlots implements StorageTier, Recoverable {
  private final TierSpec spec;
  private final int prefix;
  private final int[] order;

  /**
   * Creates full slots.
   *
   * @param slots how many there are
   * @param prefix how many blocks each prefix has
   */
  LastingSlots(int slots, int prefix, long blockBytes) {
    this.spec = new TierSpec(Medium.DISK, slots, blockBytes, 1, 1);
    this.prefix = prefix;
    this.order = shuffled(slots);
  }

  private static int[] shuffled(int count) {
    var random = new SplittableRandom(7);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  @Override
  public void recover(SealShape shape, Recovery recovery) {
    int[] checksums = new int[shape.checksums()];
    for (int slot = 0; slot < order.length; slot++) {
      int block = order[slot];
      long[] parent = new long[2];
      if (block % prefix != 0) {
        parent[0] = key(2L * block - 2);
        parent[1] = key(2L * block - 1);
      }
      Seals seals = new Seals(parent, checksums, checksums.length);
      recovery.block(slot, block, key(2L * block), key(2L * block + 1), seals);
    }
  }

  /** Keys are hashes: numbers without order. */
  private static long key(long number) {
    long z = (number + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void forget(int slot) {}

  @Override
  public CompletionStage<Void> forgetAll() {
    return CompletableFuture.completedStage(null);
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    throw new IllegalStateException("There are no bytes to load");
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    throw new IllegalStateException("There is nowhere to store bytes");
  }

  @Override
  public void close() {}
}
