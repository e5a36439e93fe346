package io.pagoda.core.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Things that expire, each at its own time. Most leave before: they are only marked, and swept out
 * when they are the larger half, so that leaving costs O(1).
 *
 * <p><b>Threads.</b> Confined to the conductor; the time source may call from any thread.
 *
 * @param <T> what expires
 */
public final class ExpiryQueue<T> {
  private static final int SWEEP_AT_LEAST = 64;

  /** A life that never ends, and that the clock can be told of without running over. */
  private static final long FOREVER = Long.MAX_VALUE / 4;

  private final Conductor conductor;
  private final TimeSource time;
  private final Consumer<T> expired;
  private final PriorityQueue<Ticket<T>> queue = new PriorityQueue<>();
  private int left;

  /** When the next alarm rings; no later than the first expires. */
  private long alarm;

  private boolean alarmed;

  /**
   * Creates an empty queue.
   *
   * @param conductor whose tasks use it
   * @param time the time
   * @param expired told, as a task of the conductor, what has
   */
  public ExpiryQueue(Conductor conductor, TimeSource time, Consumer<T> expired) {
    this.conductor = conductor;
    this.time = time;
    this.expired = expired;
  }

  /**
   * Enters something.
   *
   * @param value what
   * @param life how long it lives; however long that is
   * @return for leaving early
   */
  public Ticket<T> enter(T value, Duration life) {
    long nanos = Math.min(FOREVER, TimeUnit.NANOSECONDS.convert(life));
    var ticket = new Ticket<>(this, value, time.nanoTime() + nanos);
    queue.add(ticket);
    await(ticket.deadline);
    return ticket;
  }

  private void await(long deadline) {
    if (!alarmed || deadline - alarm < 0) {
      alarmed = true;
      alarm = deadline;
      time.wakeAt(deadline, () -> conductor.execute(() -> ring(deadline)));
    }
  }

  private void ring(long deadline) {
    if (deadline == alarm) {
      alarmed = false;
    }
    long now = time.nanoTime();
    for (var next = queue.peek(); next != null; next = queue.peek()) {
      T value = next.value;
      if (value != null && next.deadline - now > 0) {
        await(next.deadline);
        return;
      }
      queue.remove();
      next.value = null;
      if (value == null) {
        left--;
      } else {
        expired.accept(value);
      }
    }
  }

  /** Lets everything expire now. */
  public void expireAll() {
    List<T> values = new ArrayList<>();
    for (Ticket<T> ticket : queue) {
      if (ticket.value != null) {
        values.add(ticket.value);
        ticket.value = null;
      }
    }
    queue.clear();
    left = 0;
    values.forEach(expired);
  }

  private void oneLeft() {
    left++;
    if (left >= SWEEP_AT_LEAST && left > queue.size() / 2) {
      queue.removeIf(ticket -> ticket.value == null);
      left = 0;
    }
  }

  /**
   * A place in the queue.
   *
   * @param <T> what expires
   */
  public static final class Ticket<T> implements Comparable<Ticket<T>> {
    private final ExpiryQueue<T> queue;
    private @Nullable T value;
    private final long deadline;

    private Ticket(ExpiryQueue<T> queue, T value, long deadline) {
      this.queue = queue;
      this.value = value;
      this.deadline = deadline;
    }

    /** Leaves the queue, if still in it. */
    public void leave() {
      if (value != null) {
        value = null;
        queue.oneLeft();
      }
    }

    @Override
    public int compareTo(Ticket<T> other) {
      return Long.signum(deadline - other.deadline);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
