package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A channel of a {@link NioLoop}. */
final class NioWire implements Wire, NioLoop.Ready {
  private final SocketChannel channel;
  private final SelectionKey key;
  private final String remote;
  private @Nullable User user;
  private boolean closed;

  NioWire(SocketChannel channel, SelectionKey key) throws IOException {
    this.channel = channel;
    this.key = key;
    remote = String.valueOf(channel.getRemoteAddress());
    key.attach(this);
  }

  @Override
  public void broken(IOException why) {
    User told = user;
    if (told != null && !closed) {
      told.broken(why);
    }
  }

  @Override
  public void ready(SelectionKey ready) {
    User told = user;
    if (told == null || closed) {
      return;
    }
    if (ready.isWritable()) {
      told.writable();
    }
    if (!closed && ready.isReadable()) {
      told.readable();
    }
  }

  @Override
  public void user(User user) {
    this.user = user;
    key.interestOps(SelectionKey.OP_READ);
  }

  @Override
  public Vectors vectors(Arena arena, int capacity) {
    return new BufferVectors(capacity);
  }

  @Override
  public long read(Vectors into) throws IOException {
    if (closed) {
      return -1;
    }
    BufferVectors buffers = (BufferVectors) into;
    return channel.read(buffers.buffers(), buffers.first(), buffers.count());
  }

  @Override
  public long write(Vectors from) throws IOException {
    if (closed) {
      return 0;
    }
    BufferVectors buffers = (BufferVectors) from;
    long written = channel.write(buffers.buffers(), buffers.first(), buffers.count());
    int wanted = written > 0 ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
    return written;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        channel.close();
      } catch (IOException e) {
        TcpTransport.LOG.log(Level.WARNING, "{0} was not closed: {1}", remote, e.getMessage());
      }
      User told = user;
      if (told != null) {
        told.closed();
      }
    }
  }

  @Override
  public String remote() {
    return remote;
  }
}
