package io.pagoda.node.replay;

import io.pagoda.PoolSpec;

/**
 * How requests are replayed.
 *
 * @param geometry the shape of the engine's memory; its number of blocks follows the requests
 * @param callers how many requests are served at a time, at least 1; with 1 the hit ratio is
 *     the same every time
 * @param pace how fast the clock goes
 * @param limit how many requests to serve at most, at least 1
 */
public record ReplaySettings(PoolSpec geometry, int callers, Pace pace, long limit) {
  /** Checks the values. */
  public ReplaySettings {
    if (callers < 1 || limit < 1) {
      throw new IllegalArgumentException(
          "A replay has at least 1 caller and 1 request: callers=%d limit=%d"
              .formatted(callers, limit));
    }
  }

  /** {@return one caller, as fast as it can, to the end} */
  public static ReplaySettings sequential(PoolSpec geometry) {
    return new ReplaySettings(geometry, 1, Pace.MAX, Long.MAX_VALUE);
  }
}
