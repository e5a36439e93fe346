package io.pagoda.remote.objects;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An order that is being carried out: its tries one after the other, and at most two of them beside
 * each other.
 *
 * <p><b>Threads.</b> Any.
 *
 * @param <T> what the bucket answers
 */
final class Exchange<T> {
  private final Requests requests;
  private final Order<T> order;
  private final long beganAt = System.nanoTime();
  private final long deadlineAt;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final List<Attempt> alive = new ArrayList<>(2);

  private int tries;
  private int fruitless;
  private long progress;
  private boolean hedged;
  private boolean succeeded;

  Exchange(Requests requests, Order<T> order, Duration limit) {
    this.requests = requests;
    this.order = order;
    this.deadlineAt = beganAt + limit.toNanos();
  }

  /** {@return completes when the order is carried out, or given up with an ObjectFailure} */
  CompletableFuture<T> result() {
    return result;
  }

  /** Waits in line for a try. */
  void begin() {
    if (!requests.breaker.mayAllow(System.nanoTime())) {
      refuse();
      return;
    }
    requests.limiter.enter(order.urgent(), this::enter);
  }

  private void enter() {
    try {
      requests.execute(this::start);
    } catch (RejectedExecutionException e) {
      requests.limiter.leave();
      fail(new ObjectFailure(ObjectFailure.Kind.TRANSIENT, order + ": nobody runs tasks", e));
    }
  }

  private void start() {
    long now = System.nanoTime();
    if (now - deadlineAt >= 0) {
      requests.limiter.leave();
      fail(late("it waited for its turn among other requests"));
    } else if (!requests.breaker.allows(now)) {
      requests.limiter.leave();
      refuse();
    } else {
      launch(added(order.next()));
      requests.patience.hedgeAfter().ifPresent(this::hedgeLater);
    }
  }

  private void refuse() {
    fail(
        new ObjectFailure(
            ObjectFailure.Kind.TRANSIENT,
            order + " was not tried, since the last requests failed: " + requests.breaker.trouble(),
            null));
  }

  private synchronized Attempt added(Try one) {
    var attempt = new Attempt(one);
    alive.add(attempt);
    return attempt;
  }

  private void launch(Attempt attempt) {
    if (attempt.one.stopped()) {
      return;
    }
    int before;
    synchronized (this) {
      before = tries++;
    }
    requests.tally.requests.increment();
    requests.tally.retries.add(Math.min(1, before));
    attempt.watch(System.nanoTime());
    send(attempt.one).whenComplete(attempt::answered);
  }

  private CompletionStage<T> send(Try one) {
    try {
      return order.send(one);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void hedgeLater(Duration after) {
    synchronized (this) {
      if (hedged) {
        return;
      }
      hedged = true;
    }
    boolean _ = requests.afterwards(this::hedge, after.toNanos());
  }

  private void hedge() {
    Attempt beside = beside();
    if (beside == null) {
      return;
    }
    requests.tally.hedges.increment();
    try {
      requests.execute(() -> launch(beside));
    } catch (RejectedExecutionException e) {
      beside.drop();
    }
  }

  /** From here on nothing ends before the second try has: it may move bytes. */
  private synchronized @Nullable Attempt beside() {
    boolean pointless = succeeded || alive.isEmpty() || order.progress() > 0;
    Try one = pointless ? null : order.beside();
    return one == null || !requests.limiter.tryEnter() ? null : added(one);
  }

  /** Takes how a try ended: its memory is nobody's any more. */
  private void over(Attempt attempt, @Nullable T value, @Nullable Throwable error) {
    ObjectFailure failure = error == null ? null : failure(error);
    leave(attempt, failure);
    if (failure == null) {
      succeed(attempt, value);
    } else if (wasLast(attempt)) {
      next(failure);
    }
  }

  /** Takes a try away; false if another runs, or has brought what was wanted. */
  private synchronized boolean wasLast(Attempt attempt) {
    alive.remove(attempt);
    return alive.isEmpty() && !succeeded;
  }

  private void leave(Attempt attempt, @Nullable ObjectFailure failure) {
    boolean slow =
        attempt.stalled || (failure != null && failure.kind() == ObjectFailure.Kind.THROTTLED);
    if (slow) {
      requests.limiter.leaveSlowly(attempt.startedAt, System.nanoTime());
    } else {
      requests.limiter.leave();
    }
    if (failure == null || !failure.kind().mayPass()) {
      requests.worked();
    } else if (!attempt.unwanted) {
      requests.failed(failure, order.progress() > attempt.progressBefore);
    }
  }

  private ObjectFailure failure(Throwable error) {
    ObjectFailure misfit = order.misfit();
    Throwable cause = ObjectFailure.beneath(error);
    if (misfit != null) {
      return misfit;
    }
    return cause instanceof ObjectFailure known
        ? known
        : new ObjectFailure(ObjectFailure.Kind.TRANSIENT, order + ": " + cause, cause);
  }

  private void succeed(Attempt attempt, @Nullable T value) {
    List<Attempt> others;
    synchronized (this) {
      alive.remove(attempt);
      if (succeeded) {
        return;
      }
      succeeded = true;
      others = List.copyOf(alive);
    }
    requests.budget.earn();
    others.forEach(Attempt::drop);
    complete(value);
  }

  @SuppressWarnings("NullAway") // Void stages complete with null
  private void complete(@Nullable T value) {
    result.complete(value);
  }

  private void next(ObjectFailure failure) {
    if (!failure.kind().mayPass()) {
      fail(failure);
      return;
    }
    order.failed(failure);
    long now = System.nanoTime();
    long come = order.progress();
    fruitless = come > progress ? 0 : fruitless + 1;
    progress = come;
    long wait = requests.backoffNs(fruitless);
    if (fruitless >= requests.patience.tries() || now + wait - deadlineAt >= 0) {
      fail(exhausted(failure, now));
    } else if (!requests.budget.take()) {
      fail(exhausted(failure, now));
    } else {
      again(wait);
    }
  }

  private void again(long wait) {
    if (!requests.afterwards(this::begin, wait)) {
      fail(new ObjectFailure(ObjectFailure.Kind.TRANSIENT, order + ": the tier is closed", null));
    }
  }

  private ObjectFailure exhausted(ObjectFailure last, long now) {
    return new ObjectFailure(
        last.kind(), "%s failed in %d tries within %d ms: %s"
            .formatted(order, tries, (now - beganAt) / 1_000_000, last.getMessage()),
        last);
  }

  private ObjectFailure late(String why) {
    return new ObjectFailure(
        ObjectFailure.Kind.TRANSIENT,
        "%s took more than %d ms: %s".formatted(order, (deadlineAt - beganAt) / 1_000_000, why),
        null);
  }

  private void fail(ObjectFailure failure) {
    result.completeExceptionally(failure);
  }

  /** A try, and the watch over it. */
  private final class Attempt {
    final Try one;
    final long startedAt = System.nanoTime();
    final long progressBefore = order.progress();
    volatile boolean stalled;
    volatile boolean unwanted;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable ScheduledFuture<?> watch;

    Attempt(Try one) {
      this.one = one;
    }

    void watch(long now) {
      long idleUntil = one.movedAt() + requests.patience.stall().toNanos();
      long wait = Math.min(idleUntil - now, deadlineAt - now);
      try {
        watch = requests.later(this::check, Math.max(1, wait));
      } catch (RejectedExecutionException e) {
        giveUp(new ObjectFailure(ObjectFailure.Kind.TRANSIENT, order + ": closed meanwhile", e));
      }
    }

    private void check() {
      long now = System.nanoTime();
      long idle = now - one.movedAt();
      if (ended.get()) {
        return;
      }
      if (now - deadlineAt >= 0) {
        stalled = true;
        giveUp(late("the last of %d tries was still running".formatted(tries)));
      } else if (idle >= requests.patience.stall().toNanos()) {
        stalled = true;
        giveUp(
            new ObjectFailure(
                ObjectFailure.Kind.TRANSIENT,
                "%s: nothing came or went for %d ms".formatted(order, idle / 1_000_000), null));
      } else {
        watch(now);
      }
    }

    void drop() {
      unwanted = true;
      giveUp(new ObjectFailure(ObjectFailure.Kind.TRANSIENT, order + ": another was first", null));
    }

    private void giveUp(ObjectFailure why) {
      if (ended.compareAndSet(false, true)) {
        one.stop().whenComplete((_, _) -> over(this, null, why));
      }
    }

    void answered(@Nullable T value, @Nullable Throwable error) {
      if (ended.compareAndSet(false, true)) {
        ScheduledFuture<?> watching = watch;
        if (watching != null) {
          watching.cancel(false);
        }
        one.end().whenComplete((_, _) -> over(this, value, error));
      }
    }
  }
}
