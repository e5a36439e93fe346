package io.pagoda.transport.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A connection that is being made: it is there, failed, or took too long, and that once. */
final class Connect extends Timed {
  private final Timers timers;
  private final InetSocketAddress address;
  private final Loop.Connected taker;
  private final Runnable close;
  private boolean over;

  /**
   * Begins to wait.
   *
   * @param close closes the socket
   */
  Connect(
      Timers timers, long nanos, InetSocketAddress address, Loop.Connected taker, Runnable close) {
    this.timers = timers;
    this.address = address;
    this.taker = taker;
    this.close = close;
    timers.set(this, nanos);
  }

  @Override
  void fire() {
    failed(new IOException("cannot connect to %s: no answer in time".formatted(address)));
  }

  void made(Wire wire) {
    over = true;
    timers.remove(this);
    taker.wire(wire);
  }

  void failed(IOException why) {
    if (!over) {
      over = true;
      timers.remove(this);
      close.run();
      taker.failed(why);
    }
  }
}
