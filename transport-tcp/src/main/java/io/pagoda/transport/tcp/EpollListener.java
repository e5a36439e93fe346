package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;

/** A listening socket of an {@link EpollLoop}. */
final class EpollListener implements Loop.Listener, EpollLoop.Ready {
  private final EpollLoop loop;
  private final int socket;
  private final InetSocketAddress address;
  private final Loop.Taker taker;
  private final Pause pause;
  private boolean closed;

  private EpollListener(EpollLoop loop, int socket, InetSocketAddress address, Loop.Taker taker) {
    this.loop = loop;
    this.socket = socket;
    this.address = address;
    this.taker = taker;
    pause = new Pause(loop.timers(), address, () -> watch(EpollLoop.READABLE));
  }

  /** {@return one that listens; in the thread of the loop} */
  static EpollListener open(EpollLoop loop, InetSocketAddress at, Loop.Taker taker)
      throws IOException {
    int socket = loop.sockets().listening(at);
    try {
      EpollListener listener = new EpollListener(loop, socket, loop.sockets().name(socket), taker);
      loop.register(socket, EpollLoop.READABLE, listener);
      return listener;
    } catch (IOException e) {
      loop.close(socket);
      throw e;
    }
  }

  @Override
  public void ready(int events) {
    try {
      int taken = loop.sockets().accept(socket);
      if (taken >= 0) {
        pause.over();
        take(taken);
      } else if (!SocketAddresses.passes(taken)) {
        throw SocketAddresses.failure(taken, "cannot take a connection");
      }
    } catch (IOException | RuntimeException | Error e) { // others will connect
      watch(0);
      pause.begin(e);
    }
  }

  private void take(int taken) throws IOException {
    try {
      String from = loop.sockets().accepted().toString();
      EpollLoop next = (EpollLoop) taker.next();
      next.adopt(taken, from, taker);
    } catch (IOException | RuntimeException | Error e) {
      loop.sockets().close(taken);
      throw e;
    }
  }

  private void watch(int interest) {
    if (closed) {
      return;
    }
    try {
      loop.change(socket, interest);
    } catch (IOException e) {
      broken(e);
    }
  }

  @Override
  public void broken(IOException why) {
    TcpTransport.LOG.log(Level.DEBUG, "At {0}: {1}", address, why.getMessage());
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    loop.execute(() -> {
      if (!closed) {
        closed = true;
        pause.end();
        loop.close(socket);
      }
    });
  }
}
