package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** A listening socket of a {@link RingLoop}, at which one connection after the other is taken. */
final class RingListener implements Loop.Listener, RingLoop.Watched {
  private final RingLoop loop;
  private final int socket;
  private final InetSocketAddress address;
  private final Loop.Taker taker;
  private final Pause pause;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment from = SocketNative.address(arena);
  private final MemorySegment length = arena.allocate(JAVA_INT);
  private RingLoop.Op op = new RingLoop.Op(_ -> {});
  private boolean taking;
  private boolean closed;

  private RingListener(RingLoop loop, int socket, InetSocketAddress address, Loop.Taker taker) {
    this.loop = loop;
    this.socket = socket;
    this.address = address;
    this.taker = taker;
    pause = new Pause(loop.timers(), address, this::take);
  }

  /** {@return one that listens; in the thread of the loop} */
  static RingListener open(RingLoop loop, InetSocketAddress at, Loop.Taker taker)
      throws IOException {
    int socket = loop.sockets().listening(at);
    try {
      RingListener listener = new RingListener(loop, socket, loop.sockets().name(socket), taker);
      loop.watch(listener);
      listener.take();
      return listener;
    } catch (IOException e) {
      loop.sockets().close(socket);
      throw e;
    }
  }

  private void take() {
    if (closed || taking) {
      return;
    }
    taking = true;
    length.set(JAVA_INT, 0, (int) from.byteSize());
    op = loop.submit(
        new RingLoop.Call(
            RingLoop.ACCEPT, socket, from.address(), length.address(), 0,
            SocketNative.CLOSE_ON_EXEC_AND_NONBLOCKING),
        this::taken);
  }

  private void taken(int result) {
    taking = false;
    if (closed) {
      if (result >= 0) {
        loop.sockets().close(result);
      }
      release();
      return;
    }
    try {
      if (!SocketAddresses.passes(result)) {
        take(SocketAddresses.check(result, "take a connection at", address));
      }
      take();
    } catch (IOException | RuntimeException | Error e) { // others will connect
      taking = false;
      pause.begin(e);
    }
  }

  private void take(int connection) throws IOException {
    pause.over();
    try {
      loop.sockets().noDelay(connection);
      RingLoop next = (RingLoop) taker.next();
      next.adopt(connection, SocketAddresses.read(from).toString(), taker);
    } catch (IOException | RuntimeException | Error e) {
      loop.sockets().close(connection);
      throw e;
    }
  }

  private void release() {
    loop.forget(this);
    loop.sockets().close(socket);
    arena.close();
  }

  @Override
  public void broken(IOException why) {
    shut();
  }

  private void shut() {
    if (closed) {
      return;
    }
    closed = true;
    pause.end();
    if (taking) {
      loop.cancel(op);
    } else {
      release();
    }
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    loop.execute(this::shut);
  }
}
