package io.pagoda.transport.tcp;

import java.net.InetSocketAddress;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A loop whose thread is the test's: it does what it was given when it is told to. */
final class HandLoop implements Loop {
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Timers timers = new Timers(() -> {});
  private final Thread thread = Thread.currentThread();

  /** Does what there is; waits for a moment for something if there is nothing. */
  void turn() {
    try {
      Runnable task = tasks.poll(1, TimeUnit.MILLISECONDS);
      if (task != null) {
        task.run();
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
    turnAtOnce();
  }

  /** Does what there is, but not what comes of it. */
  void turnAtOnce() {
    for (int left = tasks.size(); left > 0; left--) {
      tasks.remove().run();
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
  public boolean offer(Runnable task) {
    return tasks.add(task);
  }

  @Override
  public Listener listen(InetSocketAddress address, Taker taker) {
    throw new UnsupportedOperationException("it has no sockets");
  }

  @Override
  public Connect connect(InetSocketAddress address, long nanos, Connected taker) {
    throw new UnsupportedOperationException("it has no sockets");
  }

  @Override
  public void stop() {
    while (!tasks.isEmpty()) {
      turnAtOnce();
    }
  }
}
