package io.pagoda.transport.tcp;

import static io.pagoda.transport.tcp.SocketAddresses.check;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** A loop over epoll, whose wires read and write lists of addresses. */
final class EpollLoop implements Loop {
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
  private final MemorySegment word = arena.allocate(JAVA_LONG);
  private final Map<Integer, Ready> ready = new HashMap<>();
  private final Tasks tasks = new Tasks();
  private final Timers timers = new Timers(this::wake);
  private final long spinNanos;
  private final Thread thread;
  private final int epoll;
  private final int waker;
  private volatile boolean stopping;
  private long busy;

  /** What happens to a descriptor. */
  interface Ready {
    /** Something of {@link #READABLE} and {@link #WRITABLE} has happened. */
    void ready(int events);
  }

  EpollLoop(String name, Duration spin) throws IOException {
    spinNanos = spin.toNanos();
    epoll = check(SocketNative.epollCreate(sockets.state()), "open", "an epoll");
    waker = check(SocketNative.eventfd(sockets.state()), "open", "an eventfd");
    register(waker, READABLE, _ -> SocketNative.read(sockets.state(), waker, word));
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    thread.start();
  }

  Sockets sockets() {
    return sockets;
  }

  void register(int descriptor, int interest, Ready user) throws IOException {
    ready.put(descriptor, user);
    control(SocketNative.EPOLL_CTL_ADD, descriptor, interest);
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

  private void run() {
    busy = System.nanoTime();
    while (!stopping || !tasks.isEmpty()) {
      tasks.run();
      timers.fire();
      int count = await();
      for (int i = 0; i < count; i++) {
        dispatch(i * EVENT_BYTES);
      }
    }
    List.copyOf(ready.keySet()).forEach(this::close);
    sockets.close(epoll);
    sockets.close();
    arena.close();
  }

  private void dispatch(long at) {
    int happened = events.get(JAVA_INT_UNALIGNED, at);
    Ready user = ready.get(events.get(JAVA_INT_UNALIGNED, at + DATA_AT));
    int told = (happened & BROKEN) == 0 ? happened : happened | READABLE | WRITABLE;
    if (user != null) {
      Tasks.guarded(() -> user.ready(told));
    }
  }

  /** Waits for something to do: without sleep for a while after there was something. */
  private int await() {
    while (System.nanoTime() - busy < spinNanos && tasks.isEmpty()) {
      int count = waitFor(0);
      if (count > 0) {
        busy = System.nanoTime();
        return count;
      }
      Thread.onSpinWait();
    }
    int count = tasks.sleep() ? waitFor(millis()) : waitFor(0);
    tasks.awake();
    busy = System.nanoTime();
    return count;
  }

  private int millis() {
    long nanos = stopping ? 0 : timers.untilFirst();
    return nanos < 0 ? -1 : (int) Math.min(60_000, (nanos + 999_999) / 1_000_000);
  }

  private int waitFor(int millis) {
    int count = SocketNative.epollWait(sockets.state(), epoll, events, MOST, millis);
    if (count < 0 && count != -SocketAddresses.INTERRUPTED) {
      throw new UncheckedIOException(SocketAddresses.failure(count, "cannot wait for sockets"));
    }
    return Math.max(0, count);
  }

  @Override
  public void execute(Runnable task) {
    if (tasks.add(task)) {
      ring();
    }
  }

  private void wake() {
    if (!here() && tasks.wakes()) {
      ring();
    }
  }

  private void ring() {
    try (Arena own = Arena.ofConfined()) {
      SocketNative.write(SocketNative.state(own), waker, own.allocateFrom(JAVA_LONG, 1));
    }
  }

  @Override
  public boolean here() {
    return Thread.currentThread().equals(thread);
  }

  @Override
  public Timers timers() {
    return timers;
  }

  @Override
  public Listener listen(InetSocketAddress address, Consumer<Wire> taker) throws IOException {
    CompletableFuture<Listener> listening = new CompletableFuture<>();
    execute(() -> {
      try {
        listening.complete(new EpollListener(this, address, taker));
      } catch (IOException e) {
        listening.completeExceptionally(e);
      }
    });
    try {
      return listening.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException why ? why : new IOException(e);
    }
  }

  @Override
  public void connect(InetSocketAddress address, long nanos, Connected taker) {
    execute(() -> {
      try {
        int socket = sockets.connecting(address);
        Connect connect = new Connect(timers, nanos, address, taker, () -> close(socket));
        register(socket, WRITABLE, _ -> connected(socket, address, connect));
      } catch (IOException e) {
        taker.failed(e);
      }
    });
  }

  private void connected(int socket, InetSocketAddress address, Connect connect) {
    try {
      sockets.finish(socket, address);
      change(socket, 0);
      connect.made(new EpollWire(this, socket, address.toString()));
    } catch (IOException e) {
      connect.failed(e);
    }
  }

  /** Gives a descriptor that is watched to somebody else. */
  void hand(int descriptor, Ready user) {
    ready.put(descriptor, user);
  }

  @Override
  public void stop() {
    stopping = true;
    execute(() -> {});
    try {
      thread.join();
    } catch (InterruptedException _) {
      TcpTransport.LOG.log(Level.DEBUG, "Interrupted while a loop of the transport ended");
      Thread.currentThread().interrupt();
    }
  }
}
