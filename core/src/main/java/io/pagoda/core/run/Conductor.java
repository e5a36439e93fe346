package io.pagoda.core.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/*
 * Whoever brings a task when nobody conducts, conducts: it runs its own task, then what others
 * have brought meanwhile, and leaves when there is no more. So state has one owner at a time and no
 * lock, an idle engine answers on the caller's own thread without a switch, and nobody who only
 * brings a completion ever waits.
 *
 * A task must not call foreign code, which might wait, or come back here. What it wants done
 * outside - a call to a tier, the completion of a future - it leaves as an effect, and the
 * conducting thread runs the effects, in order, when it has left.
 *
 * Under load there is always one more task. So that nobody conducts for ever, with a caller and
 * effects waiting, whoever has done enough leaves the rest to a thread of its own.
 */
/**
 * Runs tasks one at a time, in the order in which they come.
 *
 * <p><b>Threads.</b> Any thread may bring tasks; what one task did happens before the next.
 */
public final class Conductor implements Executor {
  /** How many tasks a thread runs before it is relieved: some hundred microseconds. */
  private static final int STINT = 128;

  /** Bound while a thread tells news: whose. */
  private static final ScopedValue<Conductor> TELLING = ScopedValue.newInstance();

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** How many tasks are running or waiting; whoever raises it from 0 conducts. */
  private final AtomicInteger pending = new AtomicInteger();

  private final Consumer<Throwable> bugs;

  /** Owned by the task that runs. */
  private List<Runnable> effects = new ArrayList<>();

  /** Owned by the task that runs; done when the effects are. */
  private List<Runnable> announcements = new ArrayList<>();

  /**
   * Creates a conductor.
   *
   * @param bugs told what a task or an effect threw, which none should
   */
  public Conductor(Consumer<Throwable> bugs) {
    this.bugs = bugs;
  }

  /** Runs a task, now on this thread or soon on the thread that conducts. */
  @Override
  public void execute(Runnable task) {
    if (pending.compareAndSet(0, 1)) {
      conduct(task);
      return;
    }
    tasks.add(task);
    if (pending.getAndIncrement() == 0) {
      conduct(tasks.remove());
    }
  }

  /**
   * Runs a task and waits for its answer, which an interrupt does not shorten: a caller that left
   * would not know what was done in its name. Must not be called by a task.
   *
   * @throws RuntimeException what the task threw
   */
  public <T> T call(Supplier<T> task) {
    var answer = new CompletableFuture<T>();
    execute(() -> {
      try {
        answer.complete(task.get());
      } catch (RuntimeException | Error e) {
        answer.completeExceptionally(e);
      }
    });
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException thrown ? thrown : e;
    }
  }

  /** Leaves something to be done when the conductor has been left. Called by tasks only. */
  public void afterwards(Runnable effect) {
    effects.add(effect);
  }

  /** Leaves news for a caller, whose answer may take its time. Called by tasks only. */
  public void announce(Runnable news) {
    announcements.add(news);
  }

  private void conduct(Runnable first) {
    List<Runnable> work = List.of();
    List<Runnable> news = List.of();
    Runnable task = first;
    for (int done = 1;; done++) {
      run(task);
      if (!effects.isEmpty()) {
        work = joined(work, effects);
        effects = new ArrayList<>();
      }
      if (!announcements.isEmpty()) {
        news = joined(news, announcements);
        announcements = new ArrayList<>();
      }
      if (pending.decrementAndGet() == 0) {
        break;
      }
      Runnable next = tasks.remove();
      if (done == STINT) {
        Thread.ofVirtual().name("pagoda-conductor").start(() -> conduct(next));
        break;
      }
      task = next;
    }
    work.forEach(this::run);
    if (!news.isEmpty()) {
      tell(news);
    }
  }

  private void tell(List<Runnable> news) {
    ScopedValue.where(TELLING, this).run(() -> news.forEach(this::run));
  }

  /** {@return whether this thread is telling news, so that other news may wait for it} */
  public boolean telling() {
    return TELLING.isBound() && TELLING.get() == this;
  }

  private static List<Runnable> joined(List<Runnable> earlier, List<Runnable> later) {
    if (earlier.isEmpty()) {
      return later;
    }
    earlier.addAll(later);
    return earlier;
  }

  /** Runs something that should not throw, and tells if it does. */
  void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      bugs.accept(e);
    }
  }
}
