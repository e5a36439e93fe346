package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.PeerMetadata;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** What tests do by hand that a peer's transport does by itself. */
final class Peers {
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private Peers() {}

  static Socket connect(PeerMetadata to) throws IOException {
    return connect(to, 0);
  }

  /** Connects, with little room for what comes unless {@code receive} is 0. */
  static Socket connect(PeerMetadata to, int receive) throws IOException {
    Socket socket = new Socket();
    if (receive > 0) {
      socket.setReceiveBufferSize(receive);
    }
    socket.setSoTimeout((int) PATIENCE.toMillis());
    int port = Addresses.parse(to.address(), "the victim").getPort();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  /** {@return the body of a piece: one range of the first window from its start} */
  static byte[] piece(byte[] token, long batch, int bytes) {
    return ByteBuffer.allocate(Frame.REQUEST_BYTES + Frame.RANGE_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(token)
        .putLong(batch)
        .putLong(0)
        .putInt(0)
        .putInt(bytes)
        .array();
  }

  /** Waits until something holds that nobody announces. */
  static void until(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("It did not come to this: " + what);
      }
      Thread.onSpinWait();
    }
  }

  /** {@return the status of the next frame that is no sign of life, whose body is read} */
  static int status(Socket from) throws IOException {
    ByteBuffer header;
    do {
      byte[] read = from.getInputStream().readNBytes(Frame.HEADER_BYTES);
      if (read.length < Frame.HEADER_BYTES) {
        throw new EOFException("it was closed");
      }
      header = ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
      from.getInputStream().readNBytes(header.getInt(4) + (int) header.getLong(16));
    } while (header.get(0) == Frame.PING);
    return header.getShort(2);
  }
}
