package io.pagoda.core.observe;

import io.pagoda.core.graph.TierNode;
import java.util.List;

/** Words for how many blocks there are at each tier. */
public final class ByTier {
  private ByTier() {}

  /** {@return such as "host=3 disk=2"; tiers without blocks are left out} */
  public static String text(List<TierNode> tiers, int[] blocks) {
    var text = new StringBuilder();
    for (int tier = 0; tier < blocks.length; tier++) {
      if (blocks[tier] > 0) {
        text.append(text.isEmpty() ? "" : " ").append(tiers.get(tier).name()).append('=');
        text.append(blocks[tier]);
      }
    }
    return text.toString();
  }
}
