package io.pagoda.core.run;

import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Outcome;
import io.pagoda.Outcome.End;
import io.pagoda.core.observe.JobEvent;
import io.pagoda.core.pool.PoolMemory;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one caller asked for, and the job that it holds. A task runs as a piece of a plan; when the
 * hub has no room for all of it at once, as several, one after the other. It ends when its caller's
 * part has: what is still written to colder tiers goes on without it.
 *
 * <p><b>Threads.</b> The job's methods may be called from any thread; all else belongs to the
 * conductor.
 */
public final class Task implements Job {
  /** In place of a block that is left: it is where it was asked to be already. */
  static final int THERE = -1;

  private static final int[] NOTHING = {};

  final Priority priority;

  /** The caller's memory; null if it takes no part. */
  final @Nullable PoolMemory pool;

  /** The pool block of each block. */
  final int[] poolBlocks;

  final JobOptions options;

  /** How its copies keep to the caller's order on devices; null if they need not. */
  final @Nullable Ordering ordering;

  /** How many blocks the caller asked for. */
  final int wanted;

  /** Blocks that no piece has begun to bring, pinned; or {@link #THERE}. */
  int[] left = NOTHING;

  /** How many leading blocks earlier pieces have brought. */
  int done;

  /** How many leading blocks have the copies they should have, of what has come to its end. */
  int copied = Integer.MAX_VALUE;

  /** Why the next has not. */
  String copyFailure = "";

  /** The piece that runs; null between two pieces, and when all is over. */
  @Nullable Piece piece;

  /** Whose place in the queue of deadlines it is. */
  ExpiryQueue.@Nullable Ticket<Task> deadline;

  /** Whether a put may read any of its blocks, and not only those that were lacking at first. */
  boolean readsAll;

  /** Tells the flight recorder of it. */
  final JobEvent event = new JobEvent();

  /** How many blocks come from each tier; only if somebody records. */
  int[] sources = NOTHING;

  /** When it was begun, in nanoseconds. */
  final long begunAt;

  /** How many sections, and so layers, the caller was told of. */
  int sectionsTold;

  int layersTold;

  private final Tasks tasks;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final CompletableFuture<Outcome> settled = new CompletableFuture<>();
  private final CompletableFuture<Outcome> finished = new CompletableFuture<>();
  private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();
  private final AtomicInteger untold = new AtomicInteger();
  private @Nullable Outcome end;
  private boolean told;
  private String reason = "";

  /** Why some blocks will be missing, whatever becomes of the others. */
  private String lasting = "";

  Task(
      Tasks tasks, Priority priority, @Nullable PoolMemory pool, int[] poolBlocks, int wanted,
      JobOptions options, long begunAt) {
    this.tasks = tasks;
    this.priority = priority;
    this.pool = pool;
    this.poolBlocks = poolBlocks;
    this.wanted = wanted;
    this.options = options;
    this.ordering = options.order().isEmpty()
        ? null
        : new Ordering(options.order(), priority == Priority.FETCH);
    this.begunAt = begunAt;
    event.begin();
  }

  @Override
  public CompletionStage<Outcome> outcome() {
    return outcome.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Outcome> settled() {
    return settled.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Outcome> finished() {
    return finished.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Outcome> cancel() {
    tasks.end(this, End.CANCELLED, "cancelled by the caller");
    return settled();
  }

  /**
   * Leaves news of the task for its caller. The caller hears them one after the other, in the order
   * of the calls, whoever's thread it is that tells.
   */
  void tell(Conductor conductor, Runnable something) {
    news.add(() -> conductor.run(something));
    conductor.announce(this::tellNews);
  }

  private void tellNews() {
    if (untold.getAndIncrement() > 0) {
      return; // another thread is telling, and will see this
    }
    int seen = 1;
    do {
      for (Runnable next = news.poll(); next != null; next = news.poll()) {
        next.run();
      }
      seen = untold.addAndGet(-seen);
    } while (seen > 0);
  }

  /** Remembers why a block is missing, if it is the first. */
  void blame(String cause) {
    if (reason.isEmpty()) {
      reason = cause;
    }
  }

  /** Remembers why blocks are missing that nobody will bring any more. */
  void blameForGood(String cause) {
    lasting = cause;
    reason = cause;
  }

  /** Forgets why blocks had to wait: they need not any more. */
  void forgive() {
    reason = lasting;
  }

  String reason() {
    return reason;
  }

  boolean ended() {
    return end != null;
  }

  /** {@return how many leading blocks have arrived} */
  int arrived() {
    return piece == null || piece.ahead ? done : reach(piece, piece.arrived());
  }

  /** {@return how many leading blocks there are, if so many of the piece that runs are} */
  int reach(Piece running, int blocks) {
    return done + blocks + (blocks == running.size() ? there() : 0);
  }

  /** {@return how many of the next blocks are where they should be already} */
  private int there() {
    int count = 0;
    while (count < left.length && left[count] == THERE) {
      count++;
    }
    return count;
  }

  /** {@return whether any block is left to be brought} */
  boolean lacks() {
    return there() < left.length;
  }

  /** Counts the next blocks that are where they should be already. */
  void passThere() {
    int count = there();
    done += count;
    left = Arrays.copyOfRange(left, count, left.length);
  }

  /** {@return the next blocks that are to be brought} */
  int[] next() {
    int count = 0;
    while (count < left.length && left[count] != THERE) {
      count++;
    }
    return count == left.length ? left : Arrays.copyOf(left, count);
  }

  /** Replaces the next {@code count} blocks that are left. */
  void replaceNext(int count, int[] by) {
    if (count == left.length) {
      left = by;
      return;
    }
    int[] all = Arrays.copyOf(by, by.length + left.length - count);
    System.arraycopy(left, count, all, by.length, left.length - count);
    left = all;
  }

  /** Gives up the blocks that are left from one on; returns those that are pinned. */
  int[] giveUp(int from) {
    int[] pinned = Arrays.stream(left, from, left.length).filter(entry -> entry != THERE).toArray();
    left = Arrays.copyOf(left, from);
    return pinned;
  }

  /** Fixes the outcome; returns what tells the caller. */
  Runnable endWith(Outcome finalOutcome) {
    end = finalOutcome;
    return () -> outcome.complete(finalOutcome);
  }

  /** {@return whether nothing touches the caller's memory, and never will again} */
  boolean quiet() {
    return end != null && (piece == null || piece.moving == 0);
  }

  /** {@return what tells the caller that the task is quiet, or null if it is not, or was told} */
  @Nullable
  Runnable settle() {
    Outcome known = end;
    if (known == null || told || !quiet()) {
      return null;
    }
    told = true;
    return () -> settled.complete(known);
  }

  /** {@return what tells the caller of an ended task that nothing is left to do} */
  Runnable finish(Outcome all) {
    return () -> finished.complete(all);
  }

  /** {@return the outcome of a task that has one} */
  Outcome end() {
    if (end == null) {
      throw new IllegalStateException("The task has not ended");
    }
    return end;
  }
}
