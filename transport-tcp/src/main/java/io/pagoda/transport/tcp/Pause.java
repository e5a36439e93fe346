package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;

/**
 * What a listener does while it can take no connections, because there are too many files open,
 * say: it waits, longer each time, and says so once. Confined to the thread of its loop.
 */
final class Pause extends Timed {
  private static final long SHORTEST = 5_000_000;
  private static final long LONGEST = 500_000_000;

  private final Timers timers;
  private final InetSocketAddress address;
  private final Runnable again;
  private final Seldom said = new Seldom();
  private long nanos = SHORTEST;
  private int tries;

  /**
   * Creates it.
   *
   * @param again has the listener take connections again
   */
  Pause(Timers timers, InetSocketAddress address, Runnable again) {
    this.timers = timers;
    this.address = address;
    this.again = again;
  }

  /** No connection can be taken; the listener looks for none until it is called. */
  void begin(Throwable why) {
    if (tries++ == 0) {
      said.log(
          Level.WARNING, () -> "Takes no connections at %s: %s. Tries again until it can"
              .formatted(address, why instanceof IOException ? why.getMessage() : why));
    }
    timers.set(this, nanos);
    nanos = Math.min(LONGEST, 2 * nanos);
  }

  @Override
  void fire() {
    again.run();
  }

  /** A connection was taken. */
  void over() {
    if (tries > 0) {
      TcpTransport.LOG
          .log(Level.DEBUG, "Takes connections at {0} again, after {1} tries", address, tries);
      tries = 0;
      nanos = SHORTEST;
    }
  }

  /** The listener was closed. */
  void end() {
    timers.remove(this);
  }
}
