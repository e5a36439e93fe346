package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;

/** A listening channel of a {@link NioLoop}. */
record NioListener(
    NioLoop loop, ServerSocketChannel channel, InetSocketAddress address) implements Loop.Listener {
  @Override
  public void close() {
    loop.execute(() -> {
      try {
        channel.close();
      } catch (IOException e) {
        TcpTransport.LOG.log(Level.WARNING, "{0} was not closed: {1}", address, e.getMessage());
      }
    });
  }
}
