package io.pagoda.core.graph;

import java.time.Duration;

/**
 * How an engine looks after its tiers.
 *
 * @param timeout how long a tier may take to answer before it counts as hanging, at least 1 ms
 * @param failures how many stores in a row may fail for good before a tier is only read for a
 *     while, at least 1
 * @param scrub how many bytes per second are read to see whether they are still right; 0 for none
 */
public record Care(Duration timeout, int failures, long scrub) {
  /** What the reference configuration says. */
  public static final Care DEFAULT = new Care(Duration.ofSeconds(30), 16, 0);

  /** Checks the values. */
  public Care {
    if (timeout.toMillis() < 1) {
      throw new IllegalArgumentException("A tier's timeout is at least 1 ms, not " + timeout);
    }
    if (failures < 1) {
      throw new IllegalArgumentException(
          "A tier may fail at least once before it is only read, not " + failures + " times");
    }
    if (scrub < 0) {
      throw new IllegalArgumentException("Nobody can read " + scrub + " bytes per second");
    }
  }
}
