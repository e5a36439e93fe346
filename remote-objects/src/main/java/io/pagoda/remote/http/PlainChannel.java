package io.pagoda.remote.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A socket as it is.
 *
 * @param socket which
 */
record PlainChannel(SocketChannel socket) implements Channel {
  @Override
  public int read(ByteBuffer into) throws IOException {
    return socket.read(into);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return socket.write(from);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return socket.write(from, offset, length);
  }

  @Override
  public long write(ByteBuffer[] from) throws IOException {
    return socket.write(from);
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
