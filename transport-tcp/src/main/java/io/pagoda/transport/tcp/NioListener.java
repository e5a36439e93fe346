package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listening channel of a {@link NioLoop}. */
final class NioListener implements Loop.Listener, NioLoop.Ready {
  private final NioLoop loop;
  private final ServerSocketChannel channel;
  private final InetSocketAddress address;
  private final Loop.Taker taker;
  private final Pause pause;
  private @Nullable SelectionKey key;

  NioListener(
      NioLoop loop, ServerSocketChannel channel, InetSocketAddress address, Loop.Taker taker) {
    this.loop = loop;
    this.channel = channel;
    this.address = address;
    this.taker = taker;
    pause = new Pause(loop.timers(), address, () -> watch(SelectionKey.OP_ACCEPT));
  }

  /** In the thread of the loop. */
  void begin() {
    try {
      key = channel.register(loop.selector(), SelectionKey.OP_ACCEPT, this);
    } catch (IOException | ClosedSelectorException e) {
      TcpTransport.LOG.log(Level.WARNING, "Nothing listens at " + address + " any more", e);
    }
  }

  @Override
  public void ready(SelectionKey ready) {
    try {
      SocketChannel taken = channel.accept();
      if (taken != null) {
        pause.over();
        take(taken);
      }
    } catch (IOException | RuntimeException | Error e) { // others will connect
      watch(0);
      pause.begin(e);
    }
  }

  private void take(SocketChannel taken) {
    try {
      NioLoop next = (NioLoop) taker.next();
      next.adopt(taken, taker);
    } catch (RuntimeException | Error e) {
      NioLoop.close(taken);
      throw e;
    }
  }

  private void watch(int interest) {
    SelectionKey own = key;
    try {
      if (own != null && own.isValid()) {
        own.interestOps(interest);
      }
    } catch (CancelledKeyException e) {
      broken(new IOException(e));
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
      pause.end();
      NioLoop.close(channel);
    });
  }
}
