package io.pagoda.core.graph;

import java.time.Duration;

/**
 * How far an engine goes for a block.
 *
 * @param lookUp how long a match waits to hear what other machines have stored in tiers that they
 *     share; zero not to wait: what is found then is there for a later match
 * @param recompute how long the caller takes to compute the tokens of a block anew; zero if that is
 *     not known, or does not matter
 */
public record Reach(Duration lookUp, Duration recompute) {
  /** What the reference configuration says. */
  public static final Reach DEFAULT = new Reach(Duration.ofMillis(100), Duration.ZERO);

  /** Checks the values. */
  public Reach {
    if (lookUp.isNegative() || recompute.isNegative()) {
      throw new IllegalArgumentException(
          "Times are not negative: look-up=%s recompute=%s".formatted(lookUp, recompute));
    }
  }
}
