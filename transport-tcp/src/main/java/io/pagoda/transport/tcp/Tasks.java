package io.pagoda.transport.tcp;

import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What other threads give to a loop, and whether it has to be woken for that. */
final class Tasks {
  private static final int TOGETHER = 16;

  private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean asleep = new AtomicBoolean();
  private volatile boolean ended;

  /** {@return whether the task was taken; then {@link #wakes} says whether to wake the loop} */
  boolean add(Runnable task) {
    queue.add(task);
    // Whoever ends does what there is after having said so: it did this, or it is taken back.
    return !ended || !queue.remove(task);
  }

  /** {@return whether the loop must be woken} */
  boolean wakes() {
    return asleep.get() && asleep.compareAndSet(true, false);
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** {@return whether the loop may sleep: from now on, who adds something wakes it} */
  boolean sleep() {
    asleep.set(true);
    if (queue.isEmpty()) {
      return true;
    }
    asleep.set(false);
    return false;
  }

  void awake() {
    asleep.set(false);
  }

  /** Does some; sockets have their turn before others. */
  void run() {
    for (int i = 0; i < TOGETHER; i++) {
      Runnable task = queue.poll();
      if (task == null) {
        return;
      }
      guarded(task);
    }
  }

  /** Takes no more, and does what there is. */
  void end() {
    ended = true;
    while (!queue.isEmpty()) {
      run();
    }
  }

  /** Runs what must not end the loop's thread, whatever it throws. */
  static void guarded(@Nullable Runnable task) {
    try {
      if (task != null) {
        task.run();
      }
    } catch (RuntimeException | Error e) {
      TcpTransport.LOG.log(Level.ERROR, "A task of the transport failed", e);
    }
  }
}
