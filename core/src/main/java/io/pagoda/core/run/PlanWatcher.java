package io.pagoda.core.run;

import io.pagoda.core.plan.Hop;

/** Told by the scheduler how plans get on. Called by tasks of the conductor. */
interface PlanWatcher {
  /** Returns whether nobody needs that the block at {@code index} of a hop moves. */
  boolean pointless(PlanRun run, Hop hop, int index);

  /** Learns that some blocks of a hop did not arrive, and why. */
  void failed(HopRun hop, String cause);

  /** Learns that a hop is over, whether it ran or not. */
  void passed(PlanRun run, Hop hop);

  /** Asked to tell those who wait for blocks that have come, or will not. */
  void tellWaiters();
}
