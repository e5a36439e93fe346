package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/** A loop over Java's own selector: for every system, and without native code of ours. */
final class NioLoop extends LoopThread {
  private final Selector selector;

  /** What happens to a channel: attached to its key. */
  interface Ready {
    /** Something has happened. */
    void ready(SelectionKey key);

    /** Nothing will happen any more. */
    void broken(IOException why);
  }

  NioLoop(String name, Duration spin) throws IOException {
    super(name, spin);
    selector = Selector.open();
    start();
  }

  Selector selector() {
    return selector;
  }

  @Override
  int poll(long nanos) throws IOException {
    try {
      int count = nanos == 0
          ? selector.selectNow(this::dispatch)
          : selector.select(this::dispatch, nanos < 0 ? 0 : (nanos + 999_999) / 1_000_000);
      if (nanos != 0) {
        woken();
      }
      return count;
    } catch (ClosedSelectorException e) {
      throw new IOException("the selector was closed", e);
    }
  }

  private void dispatch(SelectionKey key) {
    woken();
    if (key.attachment() instanceof Ready user) {
      Tasks.guarded(() -> user.ready(key));
    }
  }

  @Override
  void interrupt() {
    selector.wakeup();
  }

  @Override
  void failAll(IOException why) {
    if (!selector.isOpen()) {
      return;
    }
    for (SelectionKey key : List.copyOf(selector.keys())) {
      if (key.attachment() instanceof Ready user) {
        Tasks.guarded(() -> user.broken(why));
      }
    }
  }

  @Override
  void release() {
    try {
      if (selector.isOpen()) {
        List.copyOf(selector.keys()).forEach(key -> close(key.channel()));
      }
      selector.close();
    } catch (IOException e) {
      TcpTransport.LOG.log(Level.WARNING, "A selector was not closed", e);
    }
  }

  @Override
  public Listener listen(InetSocketAddress address, Taker taker) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(address, 1024);
      channel.configureBlocking(false);
      NioListener listener =
          new NioListener(this, channel, (InetSocketAddress) channel.getLocalAddress(), taker);
      if (!offer(listener::begin)) {
        throw new IOException("the transport was closed");
      }
      return listener;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw new IOException("cannot listen at %s: %s".formatted(address, e.getMessage()), e);
    }
  }

  /** Takes a connection that another loop has accepted, from any thread. */
  void adopt(SocketChannel channel, Taker taker) {
    boolean taken = offer(() -> {
      NioWire wire;
      try {
        wire = wire(channel);
      } catch (IOException | RuntimeException | Error e) {
        TcpTransport.LOG.log(Level.WARNING, "A connection was not taken: {0}", e.getMessage());
        close(channel);
        return;
      }
      Taker.give(taker, this, wire);
    });
    if (!taken) {
      close(channel);
    }
  }

  private NioWire wire(SocketChannel channel) throws IOException {
    checkWorks();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    SelectionKey key = channel.keyFor(selector);
    SelectionKey own = key == null ? channel.register(selector, 0) : key.interestOps(0);
    return new NioWire(channel, own);
  }

  @Override
  void connect(Connect connect) throws IOException {
    checkWorks();
    SocketChannel channel = SocketChannel.open();
    connect.opened(() -> close(channel));
    channel.configureBlocking(false);
    Ready user = new Ready() {
      @Override
      public void ready(SelectionKey key) {
        connected(channel, connect);
      }

      @Override
      public void broken(IOException why) {
        connect.failed(why);
      }
    };
    channel.register(selector, SelectionKey.OP_CONNECT, user);
    if (channel.connect(connect.address())) {
      connected(channel, connect);
    }
  }

  static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      TcpTransport.LOG.log(Level.WARNING, "A socket was not closed", e);
    }
  }

  private void connected(SocketChannel channel, Connect connect) {
    if (connect.over()) {
      return;
    }
    NioWire wire;
    try {
      channel.finishConnect();
      wire = wire(channel);
    } catch (IOException e) {
      connect.failed(
          new IOException(
              "cannot connect to %s: %s".formatted(connect.address(), e.getMessage()), e));
      return;
    }
    connect.made(wire);
  }
}
