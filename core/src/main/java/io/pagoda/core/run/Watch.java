package io.pagoda.core.run;

import io.pagoda.core.plan.Hop.Kind;
import java.util.function.Consumer;

/*
 * What a tier does not answer in time has failed, for everybody who waits for it. Its memory is
 * still the tier's: slots of the hub that it may yet write to or read are kept from all others
 * until it answers after all.
 */
/**
 * Waits for tiers, but not for ever.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Watch {
  private final Ledger ledger;
  private final Health health;
  private final Consumer<HopRun> failed;
  private final ExpiryQueue<HopRun> deadlines;

  /**
   * Creates a watch over nothing.
   *
   * @param failed told of hops that have not ended in time, as if they had failed
   */
  Watch(
      Conductor conductor, TimeSource time, Ledger ledger, Health health, Consumer<HopRun> failed) {
    this.ledger = ledger;
    this.health = health;
    this.failed = failed;
    this.deadlines = new ExpiryQueue<>(conductor, time, this::hangs);
  }

  void started(HopRun hop) {
    if (!hop.hop.kind().touchesPool()) {
      health.asked(hop);
      hop.deadline = deadlines.enter(hop, health.care.timeout());
    }
  }

  /** Learns that a hop has ended; returns whether it had been given up before. */
  boolean late(HopRun hop) {
    health.answered(hop);
    if (hop.deadline != null) {
      hop.deadline.leave();
    }
    if (hop.givenUp) {
      letGo(hop);
    }
    return hop.givenUp;
  }

  private void hangs(HopRun hop) {
    hop.givenUp = true;
    for (int i : hop.moving) {
      ledger.space.withhold(hop.hop.hubSlots()[i]);
      if (hop.hop.kind() == Kind.STORE) {
        ledger.index.pin(hop.hop.entries()[i]);
      }
    }
    failed.accept(hop.endedWith(health.hangs(hop)));
  }

  private void letGo(HopRun hop) {
    for (int i : hop.moving) {
      ledger.space.letGo(hop.hop.hubSlots()[i]);
      if (hop.hop.kind() == Kind.STORE) {
        ledger.unpin(hop.hop.entries(), i, i + 1);
      }
    }
  }
}
