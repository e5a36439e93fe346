package io.pagoda.core.communicate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Messages over a socket, which all together end at a deadline. */
final class Talk implements AutoCloseable {
  private final Socket socket;
  private final long end;
  private final InputStream in;
  private final OutputStream out;
  private final Set<Talk> open;

  /** Something that writes a message. */
  @FunctionalInterface
  interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  /**
   * Takes a socket that is connected, and closes it when it is closed.
   *
   * @param patience how long all messages together may take
   * @param open whose element it is until then
   */
  Talk(Socket socket, Duration patience, Set<Talk> open) throws IOException {
    this.socket = socket;
    this.open = open;
    open.add(this);
    end = System.nanoTime() + patience.toNanos();
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /** {@return a message as bytes} */
  static byte[] bytes(Writer writer) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var data = new DataOutputStream(bytes)) {
      writer.write(data);
    }
    return bytes.toByteArray();
  }

  /** Sends bytes after their number. */
  void send(byte[] message) throws IOException {
    out.write(bytes(data -> {
      data.writeInt(message.length);
      data.write(message);
    }));
  }

  /** {@return the next bytes, at most {@code most}} */
  byte[] receive(int most) throws IOException {
    int length;
    try (var number = new DataInputStream(exactly(Integer.BYTES))) {
      length = number.readInt();
    }
    if (length < 0 || length > most) {
      throw new IOException("A message of %d bytes is not 0 to %d".formatted(length, most));
    }
    return exactly(length).readAllBytes();
  }

  private InputStream exactly(int bytes) throws IOException {
    byte[] all = new byte[bytes];
    for (int had = 0; had < bytes;) {
      long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (millis < 1) {
        throw new SocketTimeoutException("Nothing came before the deadline");
      }
      socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, millis));
      int more = in.read(all, had, bytes - had);
      if (more < 0) {
        throw new IOException("The other side has ended the conversation");
      }
      had += more;
    }
    return new ByteArrayInputStream(all);
  }

  /** Waits, however long, until the other side has ended the conversation. */
  void awaitEnd() throws IOException {
    socket.setKeepAlive(true);
    socket.setSoTimeout(0);
    if (in.read() >= 0) {
      throw new IOException("The other side goes on where nothing is left to say");
    }
  }

  @Override
  public void close() {
    open.remove(this);
    try {
      socket.close();
    } catch (IOException e) {
      TransportCommunicator.LOG
          .log(Level.DEBUG, "Cannot close a conversation: {0}", e.getMessage());
    }
  }
}
