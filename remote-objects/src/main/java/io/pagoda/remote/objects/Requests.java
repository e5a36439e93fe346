package io.pagoda.remote.objects;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Has requests made: when there is room, again if that may help, within their time, and not at all
 * while the server is not worth asking.
 *
 * <p><b>Threads.</b> Any. Tries begin in the executor; results come in any thread.
 */
final class Requests implements AutoCloseable {
  static final System.Logger LOG = System.getLogger(Requests.class.getName());

  final Patience patience;
  final Limiter limiter;
  final Breaker breaker;
  final RetryBudget budget;
  final Tally tally;

  private final String name;
  private final Executor executor;
  private final ScheduledThreadPoolExecutor timer;

  /**
   * Begins.
   *
   * @param name the tier's, for messages
   * @param concurrency how many requests run at once, at most
   * @param executor where a request may take a moment to begin
   */
  Requests(String name, Patience patience, int concurrency, Tally tally, Executor executor) {
    this.name = name;
    this.patience = patience;
    this.limiter = new Limiter(concurrency);
    this.breaker =
        new Breaker(patience.breakerFailures(), patience.breakerPause(), patience.breakerLongest());
    this.budget = new RetryBudget(patience.retryBurst(), patience.retryShare());
    this.tally = tally;
    this.executor = executor;
    this.timer = new ScheduledThreadPoolExecutor(
        1, task -> Thread.ofPlatform().daemon().name("pagoda-" + name + "-timer").unstarted(task));
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Has a request made; the future fails with an {@link ObjectFailure}. */
  <T> CompletableFuture<T> run(Order<T> order) {
    return run(order, patience.deadline());
  }

  /** Has a request made within {@code limit}. */
  <T> CompletableFuture<T> run(Order<T> order, Duration limit) {
    var exchange = new Exchange<>(this, order, limit);
    exchange.begin();
    return exchange.result();
  }

  /** Runs a task in the executor. */
  void execute(Runnable task) {
    executor.execute(task);
  }

  /** Runs a short task later, unless its future is cancelled before. */
  ScheduledFuture<?> later(Runnable task, long ns) {
    return timer.schedule(task, ns, TimeUnit.NANOSECONDS);
  }

  /** Runs a short task later; false if this is closed. */
  boolean afterwards(Runnable task, long ns) {
    try {
      ScheduledFuture<?> _ = later(task, ns);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.log(Level.TRACE, "Closed meanwhile", e);
      return false;
    }
  }

  /** {@return how long to wait before another try, when so many in a row brought nothing} */
  long backoffNs(int fruitless) {
    long base = patience.backoff().toNanos();
    long longest = patience.longestBackoff().toNanos();
    long bound = fruitless > 30 ? longest : Math.min(longest, base << fruitless);
    return ThreadLocalRandom.current().nextLong(Math.max(1, bound) + 1);
  }

  /** Notes a try that failed, be it after the server had brought something. */
  void failed(ObjectFailure failure, boolean some) {
    tally.failures.increment();
    if (some) {
      worked();
    } else if (breaker.failed(System.nanoTime(), String.valueOf(failure.getMessage()))) {
      LOG.log(
          Level.WARNING,
          "{0}: the server is left alone for a while, and nothing is found there: {1}", name,
          failure.getMessage());
    }
  }

  /** Notes a try that the server answered. */
  void worked() {
    if (breaker.isOpen()) {
      LOG.log(Level.INFO, "{0}: the server answers again", name);
    }
    breaker.worked();
  }

  /** Runs nothing later any more. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
