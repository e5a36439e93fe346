package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** A listening socket of an {@link EpollLoop}. */
final class EpollListener implements Loop.Listener {
  private final EpollLoop loop;
  private final int socket;
  private final InetSocketAddress address;
  private final Consumer<Wire> taker;
  private boolean closed;

  EpollListener(EpollLoop loop, InetSocketAddress at, Consumer<Wire> taker) throws IOException {
    this.loop = loop;
    this.taker = taker;
    socket = loop.sockets().listening(at);
    address = loop.sockets().name(socket);
    loop.register(socket, EpollLoop.READABLE, _ -> take());
  }

  private void take() {
    try {
      int taken = loop.sockets().accept(socket);
      if (taken >= 0) {
        String from = loop.sockets().accepted().toString();
        loop.register(taken, 0, _ -> {});
        taker.accept(new EpollWire(loop, taken, from));
      } else if (taken != -SocketAddresses.AGAIN) {
        throw SocketAddresses.failure(taken, "cannot take a connection");
      }
    } catch (IOException e) {
      TcpTransport.LOG.log(Level.WARNING, "At {0}: {1}", address, e.getMessage());
    }
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
        loop.close(socket);
      }
    });
  }
}
