package io.pagoda.tck;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tier that does nothing until it is told to: every batch is held, and its bytes move and its
 * completion is called when it is released, in whatever order a test chooses. A test of one thread
 * thus decides how everything interleaves, and can repeat it.
 *
 * <p>Close releases what is held, oldest first.
 */
public final class HeldTier implements StorageTier {
  private final StorageTier tier;
  private final List<Runnable> held = new ArrayList<>();
  private boolean closed;

  /** Creates a tier that holds the batches of {@code tier}, which it closes in the end. */
  public HeldTier(StorageTier tier) {
    this.tier = tier;
  }

  @Override
  public TierSpec spec() {
    return tier.spec();
  }

  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    return tier.ability(ability);
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    hold(batch, () -> tier.load(batch, completion));
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    hold(batch, () -> tier.store(batch, completion));
  }

  private synchronized void hold(BlockBatch batch, Runnable move) {
    if (closed) {
      throw new IllegalStateException("A held tier was used after it was closed");
    }
    batch.checkFits(tier.spec());
    held.add(move);
  }

  /** {@return how many batches are held} */
  public synchronized int held() {
    return held.size();
  }

  /**
   * Lets one batch move and complete.
   *
   * @param index which of the batches held, 0 being the oldest
   * @throws IndexOutOfBoundsException if so many are not held
   */
  public void release(int index) {
    take(index).run();
  }

  private synchronized Runnable take(int index) {
    return held.remove(index);
  }

  /** Lets batches go, oldest first, until none is held, those included that completions add. */
  public void releaseAll() {
    for (Runnable oldest = takeOldest(); oldest != null; oldest = takeOldest()) {
      oldest.run();
    }
  }

  /** {@return the oldest batch, which somebody else may have taken meanwhile; null if none is} */
  private synchronized @Nullable Runnable takeOldest() {
    return held.isEmpty() ? null : held.removeFirst();
  }

  private synchronized void refuseFurther() {
    closed = true;
  }

  @Override
  public void close() {
    refuseFurther();
    releaseAll();
    tier.close();
  }
}
