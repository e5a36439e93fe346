package io.pagoda.transport.rdma;

import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * Says once in ten seconds what others may make happen very often, and how often it did meanwhile.
 * Safe for use by many threads.
 */
final class Seldom {
  private static final long EVERY = 10_000_000_000L;

  private long next = System.nanoTime();
  private long unsaid;

  void log(Level level, Supplier<String> what) {
    long before = due(System.nanoTime());
    if (before == 0) {
      RdmaTransport.LOG.log(level, what);
    } else if (before > 0) {
      RdmaTransport.LOG.log(level, () -> what.get() + " (and " + before + " such before it)");
    }
  }

  /** {@return how many were not said since the last that was; −1 if this is not to be said} */
  synchronized long due(long now) {
    if (now - next < 0) {
      unsaid++;
      return -1;
    }
    next = now + EVERY;
    long before = unsaid;
    unsaid = 0;
    return before;
  }
}
