package io.pagoda.node.replay;

import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Hands the requests of a source to callers, in order and at their time.
 *
 * <p><b>Threads.</b> Safe for use by many; a caller waits for the time of its own request only.
 */
final class Feed {
  private final RequestSource source;
  private final Pace pace;
  private final LongSupplier nanoClock;
  private final long startNanos;
  private final long limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stopping = lock.newCondition();
  private long taken;
  private double progress;
  private boolean stopped;

  Feed(RequestSource source, ReplaySettings settings, LongSupplier nanoClock) {
    this.source = source;
    this.pace = settings.pace();
    this.limit = settings.limit();
    this.nanoClock = nanoClock;
    this.startNanos = nanoClock.getAsLong();
  }

  /**
   * Waits for the time of the next request.
   *
   * @return the request, or nothing at the end
   * @throws InterruptedException if the caller is to stop
   */
  Optional<Request> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Optional<Request> request = next();
      return request.isEmpty() || due(request.get()) ? request : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Request> next() {
    if (stopped || taken == limit) {
      return Optional.empty();
    }
    Optional<Request> request = source.next();
    taken++;
    progress = Math.max(source.progress(), (double) taken / limit);
    return request;
  }

  /** Lets others in while it waits; returns whether the time has come before the stop. */
  private boolean due(Request request) throws InterruptedException {
    long due = startNanos + pace.nanosUntil(request.at());
    long left = due - nanoClock.getAsLong();
    while (left > 0 && !stopped) {
      stopping.awaitNanos(left);
      left = due - nanoClock.getAsLong();
    }
    return !stopped;
  }

  /** Hands out nothing more, also to those who wait. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      stopping.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** {@return how much lies behind, from 0 to 1} */
  double progress() {
    lock.lock();
    try {
      return progress;
    } finally {
      lock.unlock();
    }
  }
}
