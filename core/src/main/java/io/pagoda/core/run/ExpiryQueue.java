package io.pagoda.core.run;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Things that expire when they have lived for one fixed time. Since all live equally long, the
 * first to come is the first to go: a list is enough, and entering and leaving cost O(1).
 *
 * <p><b>Threads.</b> Confined to the conductor; the time source may call from any thread.
 *
 * @param <T> what expires
 */
public final class ExpiryQueue<T> {
  private final Conductor conductor;
  private final TimeSource time;
  private final long lifeNanos;
  private final Consumer<T> expired;

  /** Before the first and after the last. */
  private final Ticket<T> ring = new Ticket<>(null, Long.MAX_VALUE);

  private boolean awaited;

  /**
   * Creates an empty queue.
   *
   * @param conductor whose tasks use it
   * @param time the time
   * @param life how long everything in it lives
   * @param expired told, as a task of the conductor, what has
   */
  public ExpiryQueue(Conductor conductor, TimeSource time, Duration life, Consumer<T> expired) {
    this.conductor = conductor;
    this.time = time;
    this.lifeNanos = life.toNanos();
    this.expired = expired;
    ring.next = ring;
    ring.previous = ring;
  }

  /** Enters; the ticket is for leaving early. */
  public Ticket<T> enter(T value) {
    var ticket = new Ticket<>(value, time.nanoTime() + lifeNanos);
    ticket.previous = ring.previous;
    ticket.next = ring;
    ring.previous.next = ticket;
    ring.previous = ticket;
    await();
    return ticket;
  }

  private void await() {
    if (!awaited && ring.next != ring) {
      awaited = true;
      time.wakeAt(ring.next.deadline, () -> conductor.execute(this::expire));
    }
  }

  private void expire() {
    awaited = false;
    long now = time.nanoTime();
    while (ring.next != ring && ring.next.deadline - now <= 0) {
      Ticket<T> due = ring.next;
      due.leave();
      if (due.value != null) {
        expired.accept(due.value);
      }
    }
    await();
  }

  /**
   * A place in the queue.
   *
   * @param <T> what expires
   */
  public static final class Ticket<T> {
    private final @Nullable T value;
    private final long deadline;
    private Ticket<T> next = this;
    private Ticket<T> previous = this;

    private Ticket(@Nullable T value, long deadline) {
      this.value = value;
      this.deadline = deadline;
    }

    /** Leaves the queue, if still in it. */
    public void leave() {
      previous.next = next;
      next.previous = previous;
      next = this;
      previous = this;
    }
  }
}
