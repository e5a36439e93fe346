package io.pagoda.tck;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.tck.FaultPlan.Direction;
import java.util.Optional;
import java.util.Random;

/**
 * A tier that keeps its contract and betrays its caller by plan: batches fail, or succeed with the
 * wrong bytes. What is undefined after a failure is noise. Everything it does follows from the plan
 * and the seed, as long as one thread at a time hands it batches.
 *
 * <p>Batches that it harms still pass through the tier beneath, so that a {@link HeldTier} there
 * decides when they end.
 */
public final class FaultyTier implements StorageTier {
  private final StorageTier tier;
  private final FaultPlan plan;
  private final Random random;
  private int committed;

  /**
   * Creates a tier that betrays the callers of {@code tier}, which it closes in the end.
   *
   * @param plan what is done to which batch
   * @param random decides which blocks and bytes are hit
   */
  public FaultyTier(StorageTier tier, FaultPlan plan, Random random) {
    this.tier = tier;
    this.plan = plan;
    this.random = random;
  }

  @Override
  public TierSpec spec() {
    return tier.spec();
  }

  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    return tier.ability(ability);
  }

  /** {@return how many batches were harmed so far} */
  public synchronized int committed() {
    return committed;
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    batch.checkFits(spec());
    Deed deed = next(Direction.LOAD, batch);
    if (deed.misdeed() == Misdeed.NONE) {
      tier.load(batch, completion);
      return;
    }
    var shadow = new Shadow(batch, spec());
    shadow.copyIn();
    Completion end = ended -> loaded(shadow, ended, deed, completion);
    through(shadow, () -> tier.load(shadow.batch(), end));
  }

  private static void loaded(Shadow shadow, BatchResult ended, Deed deed, Completion completion) {
    try (shadow) {
      BatchResult told = ended instanceof BatchResult.Complete ? deed.to(shadow.batch()) : ended;
      if (deed.misdeed() != Misdeed.LOSE) {
        shadow.copyOut();
      }
      completion.complete(told);
    }
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    batch.checkFits(spec());
    Deed deed = next(Direction.STORE, batch);
    if (deed.misdeed() == Misdeed.NONE) {
      tier.store(batch, completion);
      return;
    }
    var shadow = new Shadow(batch, spec());
    shadow.copyIn();
    BatchResult told = deed.to(shadow.batch());
    Completion end = ended -> stored(shadow, ended, told, completion);
    if (deed.misdeed() == Misdeed.LOSE) {
      through(shadow, () -> tier.load(shadow.batch(), end));
    } else {
      through(shadow, () -> tier.store(shadow.batch(), end));
    }
  }

  private static void stored(
      Shadow shadow, BatchResult ended, BatchResult told, Completion completion) {
    shadow.close();
    completion.complete(ended instanceof BatchResult.Complete ? told : ended);
  }

  /** Makes a call; if it is refused the shadow is not needed. */
  private static void through(Shadow shadow, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException refused) {
      shadow.close();
      throw refused;
    }
  }

  private synchronized Deed next(Direction direction, BlockBatch batch) {
    Misdeed misdeed = plan.next(direction, batch);
    if (misdeed != Misdeed.NONE) {
      committed++;
    }
    return new Deed(misdeed, random.nextLong());
  }

  @Override
  public void close() {
    tier.close();
  }
}
