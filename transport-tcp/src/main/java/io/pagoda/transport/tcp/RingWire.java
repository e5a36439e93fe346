package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** A socket of a {@link RingLoop}: one read and one write at a time are with the kernel. */
final class RingWire implements Wire, RingLoop.Watched {
  /**
   * Without MSG_WAITALL, too: a message may be several pieces, and the first is answered before the
   * last was sent.
   */
  private static final int NO_SIGNAL = 0x4000;

  private final RingLoop loop;
  private final int socket;
  private final String remote;
  private final Side reading = new Side(RingLoop.RECVMSG, 0);
  private final Side writing = new Side(RingLoop.SENDMSG, NO_SIGNAL);
  private @Nullable User user;
  private boolean closed;
  private boolean gone;

  /** One direction. */
  private static final class Side {
    private final byte code;
    private final int flags;
    private boolean asked;
    private boolean ended;
    private int result;
    private RingLoop.Op op = new RingLoop.Op(_ -> {});

    Side(byte code, int flags) {
      this.code = code;
      this.flags = flags;
    }
  }

  private RingWire(RingLoop loop, int socket, String remote) {
    this.loop = loop;
    this.socket = socket;
    this.remote = remote;
  }

  static RingWire of(RingLoop loop, int socket, String remote) throws IOException {
    RingWire wire = new RingWire(loop, socket, remote);
    loop.watch(wire);
    return wire;
  }

  @Override
  public void user(User user) {
    this.user = user;
    loop.execute(() -> {
      if (!closed) {
        user.readable();
      }
    });
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
    long count = go(reading, into, "cannot read from ");
    return count == 0 && !reading.asked ? -1 : count;
  }

  @Override
  public long write(Vectors from) throws IOException {
    return closed ? 0 : go(writing, from, "cannot write to ");
  }

  /** {@return what has ended, or 0, and then it was asked for} */
  private long go(Side side, Vectors vectors, String what) throws IOException {
    if (side.asked) {
      return 0;
    }
    if (side.ended) {
      side.ended = false;
      if (side.result >= 0) {
        return side.result;
      }
      if (!SocketAddresses.passes(side.result)) {
        throw SocketAddresses.failure(side.result, what + remote);
      }
    }
    side.asked = true;
    long message = ((NativeVectors) vectors).message().address();
    side.op = loop.submit(
        new RingLoop.Call(side.code, socket, message, 0, 1, side.flags),
        result -> ended(side, result));
    return 0;
  }

  private void ended(Side side, int result) {
    side.asked = false;
    side.ended = true;
    side.result = result;
    User told = user;
    if (closed) {
      closeIfQuiet();
    } else if (told != null && side == reading) {
      told.readable();
    } else if (told != null) {
      told.writable();
    }
  }

  private void closeIfQuiet() {
    if (reading.asked || writing.asked || gone) {
      return;
    }
    gone = true;
    loop.forget(this);
    loop.sockets().close(socket);
    User told = user;
    if (told != null) {
      told.closed();
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    loop.sockets().shutdown(socket);
    if (reading.asked) {
      loop.cancel(reading.op);
    }
    if (writing.asked) {
      loop.cancel(writing.op);
    }
    closeIfQuiet();
  }

  @Override
  public void broken(IOException why) {
    User told = user;
    if (told != null && !closed) {
      told.broken(why);
    }
  }

  @Override
  public String remote() {
    return remote;
  }
}
