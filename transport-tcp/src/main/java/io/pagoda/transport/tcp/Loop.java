package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/** One thread that moves the bytes of many wires. */
interface Loop extends Executor {
  /** {@return whether the caller is this loop's thread} */
  boolean here();

  /** {@return what happens later in this thread} */
  Timers timers();

  /** {@return whether a task was taken: none is once the loop has ended} */
  boolean offer(Runnable task);

  @Override
  default void execute(Runnable task) {
    var _ = offer(task);
  }

  /**
   * Takes connections, and gives each to {@code taker}.
   *
   * @return the socket, whose closing stops that
   */
  Listener listen(InetSocketAddress address, Taker taker) throws IOException;

  /**
   * Connects, and gives the wire or the failure to {@code taker} in the thread of the loop.
   *
   * @param nanos how long it may take
   * @return what can be given up
   */
  Connect connect(InetSocketAddress address, long nanos, Connected taker);

  /** Ends the thread when it has done what it was given, and waits for that. */
  void stop();

  /** Learns of a connection. */
  interface Connected {
    /** It is there. */
    void wire(Wire wire);

    /** There is none; if the loop has ended, told in whichever thread. */
    void failed(IOException why);
  }

  /** Has the connections that come in. */
  interface Taker {
    /** {@return the loop that has the next one: of the kind of the one that listens} */
    Loop next();

    /** One is there; called in the thread of its loop. */
    void take(Loop loop, Wire wire);

    /** Gives it a connection, which is closed if it is not taken, whatever the reason. */
    static void give(Taker taker, Loop loop, Wire wire) {
      try {
        taker.take(loop, wire);
      } catch (RuntimeException | Error e) {
        TcpTransport.LOG.log(Level.ERROR, "A connection of " + wire.remote() + " is not taken", e);
        wire.close();
      }
    }
  }

  /** A listening socket. */
  interface Listener {
    /** {@return where it listens} */
    InetSocketAddress address();

    /** Stops listening. */
    void close();
  }
}
