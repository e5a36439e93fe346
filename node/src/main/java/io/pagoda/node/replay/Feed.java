package io.pagoda.node.replay;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
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
  private long taken;
  private double progress;

  Feed(RequestSource source, ReplaySettings settings, LongSupplier nanoClock) {
    this.source = source;
    this.pace = settings.pace();
    this.limit = settings.limit();
    this.nanoClock = nanoClock;
    this.startNanos = nanoClock.getAsLong();
  }

  /** {@return the next request, when its time has come, or nothing at the end} */
  Optional<Request> take() {
    Optional<Request> request = next();
    request.ifPresent(this::await);
    return request;
  }

  private synchronized Optional<Request> next() {
    if (taken == limit) {
      return Optional.empty();
    }
    Optional<Request> request = source.next();
    taken++;
    progress = Math.max(source.progress(), (double) taken / limit);
    return request;
  }

  private void await(Request request) {
    long due = startNanos + pace.nanosUntil(request.at());
    long left = due - nanoClock.getAsLong();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, left);
      left = due - nanoClock.getAsLong();
    }
  }

  /** Hands out nothing more. */
  synchronized void stop() {
    taken = limit;
  }

  /** {@return how much lies behind, from 0 to 1} */
  synchronized double progress() {
    return progress;
  }
}
