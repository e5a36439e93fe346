package io.pagoda.certify;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;

/**
 * A tier whose blocks are of a layout that nobody else has in the place that it shares.
 *
 * @param tier the tier
 * @param layout makes the layouts different
 */
record ApartTier(StorageTier tier, long layout) implements StorageTier {
  @Override
  public TierSpec spec() {
    return tier.spec();
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    tier.load(batch, completion);
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    tier.store(batch, completion);
  }

  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    return ability == Keyed.class
        ? tier.ability(Keyed.class).map(keyed -> ability.cast(new Apart(keyed, layout)))
        : tier.ability(ability);
  }

  @Override
  public void close() {
    tier.close();
  }

  private record Apart(Keyed keyed, long layout) implements Keyed {
    @Override
    public void join(SealShape shape, Consent consent) {
      keyed.join(new SealShape(shape.checksums(), shape.layout() ^ layout), consent);
    }

    @Override
    public void find(long[] keys, int depth, IntConsumer found) {
      keyed.find(keys, depth, found);
    }

    @Override
    public int group() {
      return keyed.group();
    }

    @Override
    public void load(BlockBatch batch, Sealing sealing, Completion completion) {
      keyed.load(batch, sealing, completion);
    }

    @Override
    public void reject(long keyHigh, long keyLow) {
      keyed.reject(keyHigh, keyLow);
    }

    /** Others' blocks are in the place. */
    @Override
    public CompletionStage<Void> forgetAll() {
      return CompletableFuture
          .failedStage(new PagodaException(Fault.PERMANENT, "a trial gives up nobody's blocks"));
    }
  }
}
