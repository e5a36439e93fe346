package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

/**
 * A loop's thread: it does what it is given, lets timers fire, and waits for sockets. If it cannot
 * wait for these any more, it cuts off everything and makes no more connections, and still does the
 * rest.
 */
abstract class LoopThread implements Loop {
  private final Tasks tasks = new Tasks();
  private final Timers timers = new Timers(this::wake);
  private final String name;
  private final long spinNanos;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean broken;
  private long busy;

  LoopThread(String name, Duration spin) {
    this.name = name;
    spinNanos = spin.toNanos();
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  /** Begins, when all is there. */
  final void start() {
    thread.start();
  }

  /** {@return the thread, which has begun or soon will} */
  final Thread thread() {
    return thread;
  }

  /**
   * Waits until something happens, and handles it, after having said {@link #woken} if it slept.
   *
   * @param nanos how long at most; below 0: until something happens
   * @return how much has happened
   */
  abstract int poll(long nanos) throws IOException;

  /** Ends a {@link #poll}, from any thread, also when there will be none any more. */
  abstract void interrupt();

  /** Tells everybody that nothing will be heard of sockets any more. */
  abstract void failAll(IOException why);

  /** {@return whether nothing is to be waited for before {@link #release}} */
  boolean idle() {
    return true;
  }

  /** Gives everything back; the last thing that is called. */
  abstract void release();

  /** Opens something on the loop's own thread. */
  interface Opening<T> {
    T open() throws IOException;
  }

  /** {@return what was opened there; the calling thread waits, and is another} */
  final <T> T onThread(Opening<T> opening) throws IOException {
    CompletableFuture<T> opened = new CompletableFuture<>();
    boolean taken = offer(() -> {
      try {
        opened.complete(opening.open());
      } catch (IOException | RuntimeException e) {
        opened.completeExceptionally(e);
      }
    });
    if (!taken) {
      throw new IOException("the transport was closed");
    }
    try {
      return opened.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException why ? why : new IOException(e.getCause());
    }
  }

  /** Begins to connect. */
  abstract void connect(Connect connect) throws IOException;

  private void run() {
    try {
      prepare();
    } catch (RuntimeException | Error e) {
      breakDown(e);
    }
    busy = System.nanoTime();
    while (!stopping || !tasks.isEmpty()) {
      turn();
    }
    failAll(new IOException("the transport was closed"));
    while (!tasks.isEmpty() || !idle()) {
      turn();
    }
    tasks.end();
    release();
  }

  /** Called in the thread before anything else. */
  void prepare() {}

  private void turn() {
    tasks.run();
    timers.fire();
    if (broken) {
      park();
      return;
    }
    try {
      await();
    } catch (IOException | RuntimeException | Error e) {
      breakDown(e);
    }
  }

  private void await() throws IOException {
    while (System.nanoTime() - busy < spinNanos && tasks.isEmpty()) {
      long now = System.nanoTime();
      if (poll(0) > 0) {
        busy = now;
        return;
      }
      Thread.onSpinWait();
    }
    poll(tasks.sleep() ? untilNext() : 0);
    tasks.awake();
  }

  private long untilNext() {
    return stopping ? 0 : timers.untilFirst();
  }

  /** The thread has slept, and does not any more: nobody has to wake it. */
  final void woken() {
    tasks.awake();
    busy = System.nanoTime();
  }

  private void park() {
    if (tasks.sleep()) {
      long nanos = untilNext();
      LockSupport.parkNanos(this, nanos < 0 ? Long.MAX_VALUE : nanos);
    }
    tasks.awake();
  }

  private void breakDown(Throwable why) {
    TcpTransport.LOG.log(
        Level.ERROR,
        "The thread " + name + " cannot wait for sockets any more. All its connections are cut off,"
            + " and it makes no others: restart the process",
        why);
    broken = true;
    tasks.awake();
    failAll(new IOException("the thread %s cannot wait for sockets: %s".formatted(name, why), why));
  }

  /** {@return whether something is heard of sockets} */
  final boolean works() {
    return !broken;
  }

  /** Throws if nothing would be heard of a socket. */
  final void checkWorks() throws IOException {
    if (broken) {
      throw new IOException("the thread " + name + " cannot wait for sockets, as the log says");
    }
  }

  @Override
  public final boolean offer(Runnable task) {
    if (!tasks.add(task)) {
      return false;
    }
    wake(tasks.wakes());
    return true;
  }

  private void wake() {
    wake(!here() && tasks.wakes());
  }

  private void wake(boolean sleeps) {
    if (!sleeps) {
      return;
    }
    if (broken) {
      LockSupport.unpark(thread);
    } else {
      interrupt();
    }
  }

  @Override
  public final boolean here() {
    return Thread.currentThread().equals(thread);
  }

  @Override
  public final Timers timers() {
    return timers;
  }

  @Override
  public final Connect connect(InetSocketAddress address, long nanos, Connected taker) {
    Connect connect = new Connect(this, nanos, address, taker);
    connect.begin(this::connect);
    return connect;
  }

  @Override
  public final void stop() {
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
