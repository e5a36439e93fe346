package io.pagoda.transport.tcp;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A loop over io_uring by Netty's native part: its wires hand the kernel lists of addresses, and
 * are told when these were read or written. Netty's channels, which read to buffers of their own,
 * take no part.
 */
final class RingLoop extends LoopThread {
  /** Of what the ring did not take; it says 0 itself if it is closed. */
  private static final long NOT_ASKED = -1;

  static final byte SENDMSG = 9;
  static final byte RECVMSG = 10;
  static final byte ACCEPT = 13;
  static final byte CONNECT = 16;
  private static final byte CANCEL = 14;
  private static final long CANCELLING = -1;
  private static final int CANCELLED = 125;

  private final Sockets sockets = new Sockets();
  private final List<@Nullable Op> ops = new ArrayList<>();
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final Set<Watched> watched = new HashSet<>();
  private final ManualIoEventLoop ring;
  private @Nullable IoRegistration registration;
  private int happened;

  /** What was asked of the kernel. */
  static final class Op {
    private final Ended then;
    private int slot;
    private long known;

    Op(Ended then) {
      this.then = then;
    }
  }

  /** Learns how an operation has ended. */
  interface Ended {
    /** As the system call would have: below 0, the number of an error, negated. */
    void ended(int result);
  }

  /** What has a socket. */
  interface Watched {
    /** Nothing will happen any more. */
    void broken(IOException why);
  }

  /**
   * The arguments of an operation.
   *
   * @param code which one it is
   * @param socket of which
   * @param address of what it is about
   * @param second what accompanies the address
   * @param count how many there are at it
   * @param flags of the system call
   */
  record Call(byte code, int socket, long address, long second, int count, int flags) {}

  RingLoop(String name, Duration spin) throws IOException {
    super(name, spin);
    try {
      ring = new ManualIoEventLoop(
          thread(),
          IoUringIoHandler.newFactory(new IoUringIoHandlerConfig().setSingleIssuer(true)));
    } catch (RuntimeException e) {
      sockets.close();
      throw new IOException("cannot open an io_uring: " + e.getMessage(), e);
    }
    start();
  }

  /** {@return why there is no io_uring that can be used, or nothing if there is one} */
  static Optional<String> missing() {
    try {
      IoUring.ensureAvailability();
      return Optional.empty();
    } catch (LinkageError | RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return Optional.of(String.valueOf(cause.getMessage()));
    }
  }

  Sockets sockets() {
    return sockets;
  }

  void watch(Watched one) throws IOException {
    checkWorks();
    watched.add(one);
  }

  void forget(Watched one) {
    watched.remove(one);
  }

  @Override
  void prepare() {
    ring.runNow();
    registration = ring.register(new Completions()).getNow();
  }

  /** Asks the kernel for something; what it is about stays as it is until it has ended. */
  Op submit(Call call, Ended then) {
    Op op = new Op(then);
    Integer used = free.poll();
    op.slot = used == null ? ops.size() : used;
    if (used == null) {
      ops.add(op);
    } else {
      ops.set(op.slot, op);
    }
    op.known = submit(call, op.slot);
    if (op.known == NOT_ASKED || op.known == 0) {
      execute(() -> ended(op.slot, -CANCELLED));
    }
    return op;
  }

  private long submit(Call call, long data) {
    IoRegistration own = registration;
    if (own == null) {
      return NOT_ASKED;
    }
    try {
      return own.submit(
          new IoUringIoOps(
              call.code, (byte) 0, (short) 0, call.socket, call.second, call.address, call.count,
              call.flags, data, (short) 0, (short) 0, 0, 0L));
    } catch (RuntimeException e) {
      TcpTransport.LOG.log(Level.WARNING, "The io_uring takes no more", e);
      return NOT_ASKED;
    }
  }

  /** Has an operation end soon, unless it has. */
  void cancel(Op op) {
    if (ops.get(op.slot) == op) {
      submit(new Call(CANCEL, -1, op.known, 0, 0, 0), CANCELLING);
    }
  }

  private void ended(int slot, int result) {
    Op op = ops.get(slot);
    if (op != null) {
      ops.set(slot, null);
      free.push(slot);
      Tasks.guarded(() -> op.then.ended(result));
    }
  }

  /** Hands each completion on. The event is the ring's own and is not kept. */
  private final class Completions implements IoUringIoHandle {
    @Override
    public void handle(IoRegistration from, IoEvent event) {
      IoUringIoEvent completion = (IoUringIoEvent) event;
      if (happened++ == 0) {
        woken();
      }
      if (completion.userData() != CANCELLING) {
        ended((int) completion.userData(), completion.res());
      }
    }

    @Override
    public void registered() {
      // Nothing to do: operations name their socket themselves.
    }

    @Override
    public void unregistered() {
      // Nothing to do: whoever has a socket closes it.
    }

    @Override
    public void close() {
      // Nothing to do: the ring is only closed when nothing is asked of it.
    }
  }

  @Override
  int poll(long nanos) {
    happened = 0;
    if (nanos == 0) {
      ring.runNow();
    } else {
      ring.run(nanos < 0 ? 0 : nanos, 0);
      if (happened == 0) {
        woken();
      }
    }
    return happened;
  }

  @Override
  void interrupt() {
    ring.wakeup();
  }

  @Override
  boolean idle() {
    return free.size() == ops.size();
  }

  @Override
  void failAll(IOException why) {
    if (!works()) {
      Tasks.guarded(this::abandon);
    }
    List.copyOf(watched).forEach(one -> Tasks.guarded(() -> one.broken(why)));
  }

  /** Closes the ring, which cancels what was asked of it. */
  private void abandon() {
    try {
      shutDown();
    } finally {
      for (int slot = 0; slot < ops.size(); slot++) {
        ended(slot, -CANCELLED);
      }
    }
  }

  private void shutDown() {
    var _ = ring.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
    while (!ring.isTerminated()) {
      ring.runNow();
    }
  }

  @Override
  void release() {
    try {
      shutDown();
    } catch (RuntimeException e) {
      TcpTransport.LOG.log(Level.WARNING, "An io_uring was not closed", e);
    }
    sockets.close();
  }

  @Override
  public Listener listen(InetSocketAddress address, Taker taker) throws IOException {
    return onThread(() -> RingListener.open(this, address, taker));
  }

  /** Takes a connection that another loop has accepted, from any thread. */
  void adopt(int socket, String from, Taker taker) {
    boolean taken = offer(() -> {
      RingWire wire;
      try {
        wire = RingWire.of(this, socket, from);
      } catch (IOException | RuntimeException | Error e) {
        TcpTransport.LOG.log(Level.WARNING, "{0}: {1}", from, e.getMessage());
        sockets.close(socket);
        return;
      }
      Taker.give(taker, this, wire);
    });
    if (!taken) {
      Sockets.closeAnywhere(socket);
    }
  }

  @Override
  void connect(Connect connect) throws IOException {
    checkWorks();
    new RingConnect(this, connect).begin();
  }
}
