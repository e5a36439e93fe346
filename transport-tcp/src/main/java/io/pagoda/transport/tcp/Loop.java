package io.pagoda.transport.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One thread that moves the bytes of many wires. */
interface Loop extends Executor {
  /** {@return whether the caller is this loop's thread} */
  boolean here();

  /** {@return what happens later in this thread} */
  Timers timers();

  /**
   * Takes connections, and gives each to {@code taker} in the thread of the loop.
   *
   * @return the socket, whose closing stops that
   */
  Listener listen(InetSocketAddress address, Consumer<Wire> taker) throws IOException;

  /**
   * Connects, and gives the wire or the failure to {@code taker} in the thread of the loop.
   *
   * @param nanos how long it may take
   */
  void connect(InetSocketAddress address, long nanos, Connected taker);

  /** Ends the thread when it has done what it was given, and waits for that. */
  void stop();

  /** Learns of a connection. */
  interface Connected {
    /** It is there. */
    void wire(Wire wire);

    /** There is none. */
    void failed(IOException why);
  }

  /** A listening socket. */
  interface Listener {
    /** {@return where it listens} */
    InetSocketAddress address();

    /** Stops listening. */
    void close();
  }
}
