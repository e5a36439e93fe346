package io.pagoda.tck;

import io.pagoda.spi.tier.BlockBatch;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;

/** Decides what a {@link FaultyTier} does to each batch; asked once per batch, in their order. */
@FunctionalInterface
public interface FaultPlan {
  /** Which way a batch moves. */
  enum Direction {
    /** Out of the tier. */
    LOAD,
    /** Into the tier. */
    STORE
  }

  /** {@return what to do to the next batch} */
  Misdeed next(Direction direction, BlockBatch batch);

  /** {@return a plan that does no harm} */
  static FaultPlan none() {
    return (_, _) -> Misdeed.NONE;
  }

  /** {@return a plan that does these, in order, one per batch, and then no more harm} */
  static FaultPlan script(Misdeed... misdeeds) {
    var left = new ArrayDeque<>(List.of(misdeeds));
    return (_, _) -> left.isEmpty() ? Misdeed.NONE : left.remove();
  }

  /**
   * Returns a plan that harms a batch now and then.
   *
   * @param random decides, so its seed repeats the plan
   * @param odds how likely a batch is harmed, 0 to 1
   * @param misdeeds what may be done to it, each as likely as the others
   */
  static FaultPlan random(Random random, double odds, Misdeed... misdeeds) {
    var choice = List.of(misdeeds);
    return (_, _) -> random.nextDouble() < odds
        ? choice.get(random.nextInt(choice.size()))
        : Misdeed.NONE;
  }

  /** {@return this plan for batches of one direction, and no harm to the others} */
  default FaultPlan only(Direction chosen) {
    return (direction, batch) -> direction == chosen ? next(direction, batch) : Misdeed.NONE;
  }
}
