package io.pagoda.remote.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/**
 * A socket behind TLS. What is read is decrypted straight to where it goes, but for the ends that a
 * record reaches over.
 *
 * <p><b>Threads.</b> One at a time; {@link #close} from any.
 */
final class TlsChannel implements Channel {
  private final SocketChannel socket;
  private final SSLEngine engine;
  // What came and is not decrypted yet; ready to be read from.
  private final ByteBuffer encrypted;
  // What is decrypted and nobody had room for; ready to be read from.
  private final ByteBuffer decrypted;
  private final ByteBuffer outgoing;
  private boolean ended;

  TlsChannel(SocketChannel socket, SSLEngine engine) {
    this.socket = socket;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    this.encrypted = ByteBuffer.allocateDirect(4 * packet).flip();
    this.outgoing = ByteBuffer.allocateDirect(4 * packet);
    this.decrypted =
        ByteBuffer.allocateDirect(engine.getSession().getApplicationBufferSize()).flip();
  }

  /** Agrees with the server on keys. */
  void handshake() throws IOException {
    engine.beginHandshake();
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrapHandshake();
        case FINISHED, NOT_HANDSHAKING -> {
          return;
        }
      }
    }
  }

  private void unwrapHandshake() throws IOException {
    decrypted.compact();
    SSLEngineResult result;
    try {
      result = engine.unwrap(encrypted, decrypted);
    } finally {
      decrypted.flip();
    }
    if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
      if (fill() < 0) {
        throw new EOFException("The server closed the connection while keys were agreed on");
      }
    } else if (result.getStatus() == Status.CLOSED) {
      throw new EOFException("The server ended TLS while keys were agreed on");
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask(); task != null; task =
        engine.getDelegatedTask()) {
      task.run();
    }
  }

  private int fill() throws IOException {
    encrypted.compact();
    try {
      return socket.read(encrypted);
    } finally {
      encrypted.flip();
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (decrypted.hasRemaining()) {
      return move(into);
    }
    int before = into.position();
    while (into.position() == before && into.hasRemaining()) {
      if (ended) {
        return -1;
      }
      unwrap(into);
      if (into.position() == before && decrypted.hasRemaining()) {
        return move(into);
      }
    }
    return into.position() - before;
  }

  private int move(ByteBuffer into) {
    int count = Math.min(into.remaining(), decrypted.remaining());
    into.put(into.position(), decrypted, decrypted.position(), count);
    into.position(into.position() + count);
    decrypted.position(decrypted.position() + count);
    return count;
  }

  private void unwrap(ByteBuffer into) throws IOException {
    SSLEngineResult result = engine.unwrap(encrypted, into);
    if (result.getStatus() == Status.BUFFER_OVERFLOW) {
      decrypted.clear();
      try {
        result = engine.unwrap(encrypted, decrypted);
      } finally {
        decrypted.flip();
      }
    }
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> ended = fill() < 0;
      case CLOSED -> ended = true;
      case OK, BUFFER_OVERFLOW -> afterwards(result.getHandshakeStatus());
    }
  }

  private void afterwards(HandshakeStatus status) throws IOException {
    if (status == HandshakeStatus.NEED_TASK) {
      runTasks();
    } else if (status == HandshakeStatus.NEED_WRAP) {
      wrap(ByteBuffer.allocate(0));
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int before = from.position();
    while (from.hasRemaining()) {
      wrap(from);
    }
    return from.position() - before;
  }

  /** Encrypts as much as a buffer of records holds, and writes it. */
  private void wrap(ByteBuffer from) throws IOException {
    outgoing.clear();
    Status status;
    do {
      status = engine.wrap(from, outgoing).getStatus();
    } while (status == Status.OK && from.hasRemaining());
    if (status == Status.CLOSED) {
      throw new ClosedChannelException();
    }
    outgoing.flip();
    while (outgoing.hasRemaining()) {
      socket.write(outgoing);
    }
  }

  /** Writes a stretch of bounded length, so that who watches sees that something moves. */
  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      if (from[i].hasRemaining()) {
        long before = from[i].position();
        wrap(from[i]);
        return from[i].position() - before;
      }
    }
    return 0;
  }

  @Override
  public long write(ByteBuffer[] from) throws IOException {
    return write(from, 0, from.length);
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
