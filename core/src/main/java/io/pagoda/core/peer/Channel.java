package io.pagoda.core.peer;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Messages over a socket: the number of bytes that follow, the type, the body.
 *
 * <p><b>Threads.</b> One that sends, one that receives; any closes.
 */
final class Channel implements AutoCloseable {
  /** Bytes of a seal behind a body. */
  static final int SEAL_BYTES = 16;

  private static final long NOTHING = Long.MIN_VALUE;
  private static final String ENDED = "the other side has ended the conversation";

  private final Socket socket;
  private final InputStream in;
  private final AtomicLong saying = new AtomicLong(NOTHING);
  private final AtomicLong hearing = new AtomicLong(NOTHING);
  private volatile Optional<Veil> veil = Optional.empty();

  /** When all has to be there that is received, by {@link System#nanoTime}. */
  private volatile long end = NOTHING;

  /** Bytes of the socket, for which is waited no longer than until the end. */
  private static final class Incoming extends FilterInputStream {
    private final Channel channel;

    Incoming(Channel channel) throws IOException {
      super(channel.socket.getInputStream());
      this.channel = channel;
    }

    @Override
    public int read(byte[] into, int offset, int bytes) throws IOException {
      channel.checkTime();
      return super.read(into, offset, bytes);
    }
  }

  /** Takes a socket that is connected, and closes it when it is closed. */
  Channel(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(new Incoming(this), 1 << 16);
  }

  /** Hides whatever is said from now on. */
  void veiled(Optional<Veil> by) {
    veil = by;
  }

  boolean isVeiled() {
    return veil.isPresent();
  }

  /** Ends every {@link #receive} when so long is over, whatever comes meanwhile. */
  void hurry(Duration whole) {
    end = System.nanoTime() + whole.toNanos();
  }

  /** Waits for what is received for as long as it takes. */
  void calm() throws IOException {
    end = NOTHING;
    socket.setSoTimeout(0);
  }

  private void checkTime() throws IOException {
    if (end != NOTHING) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new SocketTimeoutException("it takes too long to say what it says");
      }
      socket.setSoTimeout(Math.clamp(left / 1_000_000, 1, Integer.MAX_VALUE));
    }
  }

  /** Ends a {@link #receive} that hears nothing for so long. */
  void patience(Duration silence) throws IOException {
    socket.setSoTimeout(Math.clamp(silence.toMillis(), 1, Integer.MAX_VALUE));
  }

  /** {@return whether a message is on its way since longer than that, in either direction} */
  boolean stuck(Duration longest) {
    long now = System.nanoTime();
    return stuck(saying.get(), now, longest) || stuck(hearing.get(), now, longest);
  }

  private static boolean stuck(long since, long now, Duration longest) {
    return since != NOTHING && now - since > longest.toNanos();
  }

  String remote() {
    return String.valueOf(socket.getRemoteSocketAddress());
  }

  void send(Message message) throws IOException {
    byte[] body = message.body();
    if (message.type() != Message.REFUSAL && veil.isPresent()) {
      try {
        body = veil.get().hide(message.type(), body);
      } catch (GeneralSecurityException e) {
        throw new IOException("A message cannot be sealed", e);
      }
    }
    ByteBuffer frame = ByteBuffer.allocate(5 + body.length).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(1 + body.length).put((byte) message.type()).put(body);
    saying.set(System.nanoTime());
    try {
      socket.getOutputStream().write(frame.array());
    } finally {
      saying.set(NOTHING);
    }
  }

  /**
   * Waits for the next message.
   *
   * @param longest bytes of its body, at most
   * @throws IOException if there is none, or one that was changed on its way
   * @throws io.pagoda.PagodaException if it is not understood
   */
  Message receive(int longest) throws IOException {
    int first = in.read();
    hearing.set(System.nanoTime());
    try {
      return following(first, longest);
    } finally {
      hearing.set(NOTHING);
    }
  }

  private Message following(int first, int longest) throws IOException {
    if (first < 0) {
      throw new EOFException(ENDED);
    }
    byte[] rest = exactly(Integer.BYTES - 1);
    int length = first | (rest[0] & 0xff) << 8 | (rest[1] & 0xff) << 16 | rest[2] << 24;
    if (length < 1 || length > 1 + longest + SEAL_BYTES) {
      throw new IOException("a message of %d bytes is not 1 to %d".formatted(length, longest));
    }
    int type = exactly(1)[0];
    byte[] body = exactly(length - 1);
    if (type != Message.REFUSAL && veil.isPresent()) {
      try {
        body = veil.get().show(type, body);
      } catch (GeneralSecurityException e) {
        throw new IOException(
            "a message does not fit the secret: another one is known there, or it was changed on"
                + " its way",
            e);
      }
    }
    return Message.read(type, body);
  }

  /** {@return the next bytes, for which memory is taken as they come} */
  private byte[] exactly(int bytes) throws IOException {
    byte[] all = in.readNBytes(bytes);
    if (all.length < bytes) {
      throw new EOFException(ENDED);
    }
    return all;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      PeerServer.LOG.log(System.Logger.Level.DEBUG, "Cannot close a conversation: {0}", e);
    }
  }
}
