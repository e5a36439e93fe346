package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;

/**
 * A connection that is being made: it is there, failed, was given up or took too long, and that
 * once. Confined to the thread of its loop, but for {@link #begin} and {@link #giveUp}.
 */
final class Connect extends Timed {
  private final Loop loop;
  private final long nanos;
  private final InetSocketAddress address;
  private final Loop.Connected taker;
  private Runnable close = () -> {};
  private boolean over;

  Connect(Loop loop, long nanos, InetSocketAddress address, Loop.Connected taker) {
    this.loop = loop;
    this.nanos = nanos;
    this.address = address;
    this.taker = taker;
  }

  InetSocketAddress address() {
    return address;
  }

  /** Has the loop connect, as {@code how} says. */
  void begin(How how) {
    boolean taken = loop.offer(() -> {
      loop.timers().set(this, nanos);
      try {
        how.begin(this);
      } catch (IOException | RuntimeException e) {
        failed(e instanceof IOException why ? why : new IOException(e.getMessage(), e));
      }
    });
    if (!taken) {
      taker.failed(new IOException("the transport was closed"));
    }
  }

  /** How a loop connects. */
  interface How {
    /** Begins to connect, and closes nothing that it has given to {@link #opened}. */
    void begin(Connect connect) throws IOException;
  }

  /** There is a socket, which {@code how} closes. */
  void opened(Runnable how) {
    close = how;
  }

  @Override
  void fire() {
    failed(new IOException("cannot connect to %s: no answer in time".formatted(address)));
  }

  /** Nobody waits for it any more. */
  void giveUp() {
    loop.execute(() -> failed(new IOException("nobody waits for it any more")));
  }

  /** {@return whether it has ended} */
  boolean over() {
    return over;
  }

  void made(Wire wire) {
    over = true;
    loop.timers().remove(this);
    try {
      taker.wire(wire);
    } catch (RuntimeException | Error e) {
      TcpTransport.LOG.log(Level.ERROR, "A connection to " + address + " was not taken", e);
      wire.close();
      taker.failed(new IOException("no connection to %s: %s".formatted(address, e), e));
    }
  }

  void failed(IOException why) {
    if (!over) {
      over = true;
      loop.timers().remove(this);
      close.run();
      taker.failed(why);
    }
  }
}
