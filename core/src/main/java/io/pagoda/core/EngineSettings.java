package io.pagoda.core;

import io.pagoda.core.graph.Care;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.Reach;
import java.time.Duration;
import java.util.List;

/**
 * How an engine behaves.
 *
 * @param pinTimeout how long a match that nobody fetches keeps its blocks, at least 1 ms
 * @param jobTimeout how long a job may take, at least 1 ms
 * @param copyThreads how many threads copy and verify host memory, at least 1
 * @param quotas what namespaces may keep
 * @param care how tiers are looked after
 * @param reach how far it goes for a block
 */
public record EngineSettings(
    Duration pinTimeout, Duration jobTimeout, int copyThreads, List<Quota> quotas, Care care,
    Reach reach) {
  /** What the reference configuration says. */
  public static final EngineSettings DEFAULT =
      new EngineSettings(Duration.ofSeconds(60), Duration.ofSeconds(30), 2);

  /** Checks the values. */
  public EngineSettings {
    quotas = List.copyOf(quotas);
    if (pinTimeout.toMillis() < 1 || jobTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(
          "Timeouts are at least 1 ms: pin=%s job=%s".formatted(pinTimeout, jobTimeout));
    }
    if (copyThreads < 1) {
      throw new IllegalArgumentException("copyThreads is at least 1, not " + copyThreads);
    }
  }

  /** The behaviour of an engine without quotas. */
  public EngineSettings(Duration pinTimeout, Duration jobTimeout, int copyThreads) {
    this(pinTimeout, jobTimeout, copyThreads, List.of(), Care.DEFAULT, Reach.DEFAULT);
  }

  /** {@return the same behaviour with other quotas} */
  public EngineSettings with(List<Quota> newQuotas) {
    return new EngineSettings(pinTimeout, jobTimeout, copyThreads, newQuotas, care, reach);
  }

  /** {@return the same behaviour with tiers looked after in another way} */
  public EngineSettings with(Care newCare) {
    return new EngineSettings(pinTimeout, jobTimeout, copyThreads, quotas, newCare, reach);
  }

  /** {@return the same behaviour going otherwise far for a block} */
  public EngineSettings with(Reach newReach) {
    return new EngineSettings(pinTimeout, jobTimeout, copyThreads, quotas, care, newReach);
  }
}
