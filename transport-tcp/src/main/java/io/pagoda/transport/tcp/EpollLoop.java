package io.pagoda.transport.tcp;

import static io.pagoda.transport.tcp.SocketAddresses.check;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A loop over epoll, whose wires read and write lists of addresses. */
final class EpollLoop extends LoopThread {
  static final int READABLE = 1;
  static final int WRITABLE = 4;
  private static final int BROKEN = 0x18;
  private static final int MOST = 256;

  /** {@code struct epoll_event} is packed on x86-64 alone. */
  private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");
  private static final long EVENT_BYTES = PACKED ? 12 : 16;
  private static final long DATA_AT = PACKED ? 4 : 8;

  private final Arena arena = Arena.ofShared();
  private final Sockets sockets = new Sockets();
  private final MemorySegment events = arena.allocate(MOST * EVENT_BYTES, Long.BYTES);
  private final MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);
  private final Map<Integer, Ready> ready = new HashMap<>();
  private final int epoll;
  private final Bell bell;

  /** What happens to a descriptor. */
  interface Ready {
    /** Something of {@link #READABLE} and {@link #WRITABLE} has happened. */
    void ready(int events);

    /** Nothing will happen any more. */
    void broken(IOException why);
  }

  EpollLoop(String name, Duration spin) throws IOException {
    super(name, spin);
    try {
      epoll = check(SocketNative.epollCreate(sockets.state()), "open", "an epoll");
    } catch (IOException e) {
      sockets.close();
      arena.close();
      throw e;
    }
    try {
      bell = new Bell(sockets.state());
    } catch (IOException e) {
      close();
      throw e;
    }
    try {
      control(SocketNative.EPOLL_CTL_ADD, bell.descriptor(), READABLE);
    } catch (IOException e) {
      bell.close();
      close();
      throw e;
    }
    start();
  }

  private void close() {
    sockets.close(epoll);
    sockets.close();
    arena.close();
  }

  Sockets sockets() {
    return sockets;
  }

  /** Watches a descriptor; if it cannot, nothing has changed. */
  void register(int descriptor, int interest, Ready user) throws IOException {
    checkWorks();
    control(SocketNative.EPOLL_CTL_ADD, descriptor, interest);
    ready.put(descriptor, user);
  }

  void change(int descriptor, int interest) throws IOException {
    control(SocketNative.EPOLL_CTL_MOD, descriptor, interest);
  }

  private void control(int what, int descriptor, int interest) throws IOException {
    event.set(JAVA_INT, 0, interest);
    event.set(JAVA_INT_UNALIGNED, DATA_AT, descriptor);
    check(
        SocketNative.epollControl(sockets.state(), epoll, what, descriptor, event), "watch",
        "a socket");
  }

  /** Closes a descriptor, of which nothing is heard any more. */
  void close(int descriptor) {
    if (ready.remove(descriptor) != null) {
      SocketNative
          .epollControl(sockets.state(), epoll, SocketNative.EPOLL_CTL_DEL, descriptor, event);
    }
    sockets.close(descriptor);
  }

  @Override
  int poll(long nanos) throws IOException {
    int millis = nanos < 0 ? -1 : (int) Math.min(60_000, (nanos + 999_999) / 1_000_000);
    int count = SocketNative.epollWait(sockets.state(), epoll, events, MOST, millis);
    if (millis != 0) {
      woken();
    }
    if (count < 0 && count != -SocketAddresses.INTERRUPTED) {
      throw SocketAddresses.failure(count, "epoll_wait");
    }
    for (int i = 0; i < count; i++) {
      dispatch(i * EVENT_BYTES);
    }
    return Math.max(0, count);
  }

  private void dispatch(long at) {
    int happened = events.get(JAVA_INT_UNALIGNED, at);
    int descriptor = events.get(JAVA_INT_UNALIGNED, at + DATA_AT);
    if (descriptor == bell.descriptor()) {
      bell.heard();
      return;
    }
    Ready user = ready.get(descriptor);
    int told = (happened & BROKEN) == 0 ? happened : happened | READABLE | WRITABLE;
    if (user != null) {
      Tasks.guarded(() -> user.ready(told));
    }
  }

  @Override
  void interrupt() {
    bell.ring();
  }

  @Override
  void failAll(IOException why) {
    List.copyOf(ready.values()).forEach(one -> Tasks.guarded(() -> one.broken(why)));
  }

  @Override
  void release() {
    List.copyOf(ready.keySet()).forEach(this::close);
    bell.close();
    close();
  }

  @Override
  public Listener listen(InetSocketAddress address, Taker taker) throws IOException {
    return onThread(() -> EpollListener.open(this, address, taker));
  }

  /** Takes a connection that another loop has accepted, from any thread. */
  void adopt(int socket, String from, Taker taker) {
    boolean taken = offer(() -> {
      try {
        register(socket, 0, EpollWire.NOBODY);
      } catch (IOException | RuntimeException | Error e) {
        TcpTransport.LOG.log(System.Logger.Level.WARNING, "{0}: {1}", from, e.getMessage());
        sockets.close(socket);
        return;
      }
      Taker.give(taker, this, new EpollWire(this, socket, from));
    });
    if (!taken) {
      Sockets.closeAnywhere(socket);
    }
  }

  @Override
  void connect(Connect connect) throws IOException {
    checkWorks();
    int socket = sockets.connecting(connect.address());
    connect.opened(() -> close(socket));
    register(socket, WRITABLE, new Ready() {
      @Override
      public void ready(int events) {
        connected(socket, connect);
      }

      @Override
      public void broken(IOException why) {
        connect.failed(why);
      }
    });
  }

  private void connected(int socket, Connect connect) {
    if (connect.over()) {
      return;
    }
    try {
      sockets.finish(socket, connect.address());
      change(socket, 0);
    } catch (IOException e) {
      connect.failed(e);
      return;
    }
    connect.made(new EpollWire(this, socket, connect.address().toString()));
  }

  /** Gives a descriptor that is watched to somebody else. */
  void hand(int descriptor, Ready user) {
    ready.put(descriptor, user);
  }
}
