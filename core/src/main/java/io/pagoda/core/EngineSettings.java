package io.pagoda.core;

import java.time.Duration;

/**
 * How an engine behaves.
 *
 * @param pinTimeout how long a match that nobody fetches keeps its blocks, at least 1 ms
 * @param jobTimeout how long a job may take, at least 1 ms
 * @param copyThreads how many threads copy and verify host memory, at least 1
 */
public record EngineSettings(Duration pinTimeout, Duration jobTimeout, int copyThreads) {
  /** What the reference configuration says. */
  public static final EngineSettings DEFAULT =
      new EngineSettings(Duration.ofSeconds(60), Duration.ofSeconds(30), 2);

  /** Checks the values. */
  public EngineSettings {
    if (pinTimeout.toMillis() < 1 || jobTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(
          "Timeouts are at least 1 ms: pin=%s job=%s".formatted(pinTimeout, jobTimeout));
    }
    if (copyThreads < 1) {
      throw new IllegalArgumentException("copyThreads is at least 1, not " + copyThreads);
    }
  }
}
