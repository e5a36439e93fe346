package io.pagoda.core.run;

import io.pagoda.Ending.Cause;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.observe.EvictionEvent;
import io.pagoda.core.space.Space;
import java.util.List;

/**
 * Tells the flight recorder what had to leave since it was told last.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Evictions {
  private final Space space;
  private final List<TierNode> tiers;
  private final long[] all;
  private final long[] overQuota;
  private final long[] outlived;

  Evictions(Space space, List<TierNode> tiers) {
    this.space = space;
    this.tiers = tiers;
    this.all = new long[tiers.size()];
    this.overQuota = new long[tiers.size()];
    this.outlived = new long[tiers.size()];
  }

  void tell() {
    for (int tier = 0; tier < all.length; tier++) {
      if (space.evictions(tier) != all[tier]) {
        tell(tier);
      }
    }
  }

  private void tell(int tier) {
    String name = tiers.get(tier).name();
    long dropped = space.overQuota(tier) - overQuota[tier];
    long died = space.outlived(tier) - outlived[tier];
    EvictionEvent.tell(name, dropped, Cause.OVER_QUOTA);
    EvictionEvent.tell(name, died, Cause.OUTLIVED);
    EvictionEvent.tell(name, space.evictions(tier) - all[tier] - dropped - died, Cause.EVICTED);
    all[tier] = space.evictions(tier);
    overQuota[tier] += dropped;
    outlived[tier] += died;
  }
}
