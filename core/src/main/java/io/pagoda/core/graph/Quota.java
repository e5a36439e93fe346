package io.pagoda.core.graph;

import io.pagoda.Namespace;
import java.time.Duration;

/**
 * What a namespace, with all below it, may keep in a store.
 *
 * @param namespace whose blocks
 * @param blocks how many of them, in all tiers together, each counted once
 * @param timeToLive how long a block that nobody uses is kept; zero for as long as there is room
 */
public record Quota(Namespace namespace, int blocks, Duration timeToLive) {
  /** Checks the values. */
  public Quota {
    if (blocks < 1) {
      throw new IllegalArgumentException("A quota is at least 1 block, not " + blocks);
    }
    if (timeToLive.isNegative() || (timeToLive.isPositive() && timeToLive.toSeconds() < 1)) {
      throw new IllegalArgumentException(
          "A time to live is at least 1 second, or 0 for none: " + timeToLive);
    }
  }

  /** {@return whether a namespace is this one or below it} */
  public boolean covers(Namespace other) {
    int depth = namespace.parts().size();
    return other.parts().size() >= depth
        && other.parts().subList(0, depth).equals(namespace.parts());
  }
}
