package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A socket of an {@link EpollLoop}. */
final class EpollWire implements Wire, EpollLoop.Ready {
  /** A call that receives more keeps the sender waiting for room, and its bytes leave the cache. */
  private static final long MOST_RECEIVED = 128 << 10;

  /** Has a socket that is not anybody's yet. */
  static final EpollLoop.Ready NOBODY = new EpollLoop.Ready() {
    @Override
    public void ready(int events) {
      // Whoever gets it looks for itself.
    }

    @Override
    public void broken(IOException why) {
      // Whoever gets it finds that out.
    }
  };

  private final EpollLoop loop;
  private final int socket;
  private final String remote;
  private final MemorySegment state;
  private @Nullable User user;
  private int interest;
  private boolean closed;

  /** Takes a socket that the loop watches. */
  EpollWire(EpollLoop loop, int socket, String remote) {
    this.loop = loop;
    this.socket = socket;
    this.remote = remote;
    state = loop.sockets().state();
    loop.hand(socket, this);
  }

  @Override
  public void user(User user) {
    this.user = user;
    try {
      interested(EpollLoop.READABLE);
    } catch (IOException e) {
      TcpTransport.LOG.log(Level.WARNING, "{0}: {1}", remote, e.getMessage());
      close();
    }
  }

  @Override
  public void broken(IOException why) {
    User told = user;
    if (told != null && !closed) {
      told.broken(why);
    }
  }

  @Override
  public void ready(int events) {
    User told = user;
    if (told == null || closed) {
      return;
    }
    if ((events & EpollLoop.WRITABLE) != 0) {
      told.writable();
    }
    if ((events & EpollLoop.READABLE) != 0 && !closed) {
      told.readable();
    }
  }

  private void interested(int wanted) throws IOException {
    if (wanted != interest && !closed) {
      loop.change(socket, wanted);
      interest = wanted;
    }
  }

  @Override
  public Vectors vectors(Arena arena, int capacity) {
    return new NativeVectors(arena, capacity);
  }

  @Override
  public long read(Vectors into) throws IOException {
    if (closed) {
      return -1;
    }
    long read = ((NativeVectors) into)
        .with(MOST_RECEIVED, message -> SocketNative.receive(state, socket, message));
    if (read > 0) {
      return read;
    }
    if (read == 0) {
      return -1;
    }
    return nothing(read, "cannot read from ");
  }

  @Override
  public long write(Vectors from) throws IOException {
    if (closed) {
      return 0;
    }
    long written = SocketNative.send(state, socket, ((NativeVectors) from).message());
    if (written < 0) {
      nothing(written, "cannot write to ");
      interested(EpollLoop.READABLE | EpollLoop.WRITABLE);
      return 0;
    }
    interested(EpollLoop.READABLE);
    return written;
  }

  private long nothing(long result, String what) throws IOException {
    if (result != -SocketAddresses.AGAIN && result != -SocketAddresses.INTERRUPTED) {
      throw SocketAddresses.failure(result, what + remote);
    }
    return 0;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      loop.close(socket);
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
