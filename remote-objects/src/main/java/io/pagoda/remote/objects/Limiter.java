package io.pagoda.remote.objects;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How many requests run at once: more by one for every round that went well, half as many when the
 * server asks for fewer or does not answer (additive increase, multiplicative decrease). Who waits
 * has two lines: what somebody waits for goes first, but not always.
 *
 * <p><b>Threads.</b> Any.
 */
final class Limiter {
  /** How many urgent requests pass one that is not. */
  static final int URGENT_IN_TURN = 8;

  private final int most;
  private final ArrayDeque<Runnable> urgent = new ArrayDeque<>();
  private final ArrayDeque<Runnable> others = new ArrayDeque<>();
  private double limit;
  private int running;
  private int urgentInTurn;
  private long shrunkAt;

  /** Begins with as many as there may be at most. */
  Limiter(int most) {
    this.most = most;
    this.limit = most;
  }

  /** Starts something as soon as there is room, in this thread or in one that makes room. */
  void enter(boolean isUrgent, Runnable start) {
    synchronized (this) {
      (isUrgent ? urgent : others).add(start);
    }
    startWhatMay();
  }

  /** {@return whether there is room for one more at once; it then counts as running} */
  synchronized boolean tryEnter() {
    if (running >= (int) limit) {
      return false;
    }
    running++;
    return true;
  }

  /** Ends something that ran, and went well: the server answered as it should. */
  void leave() {
    synchronized (this) {
      running--;
      limit = Math.min(most, limit + 1 / limit);
    }
    startWhatMay();
  }

  /**
   * Ends something that ran, and that the server was too slow for.
   *
   * @param startedAt when it began: of all that began before the last cut none cuts again
   */
  void leaveSlowly(long startedAt, long now) {
    synchronized (this) {
      running--;
      if (shrunkAt == 0 || startedAt - shrunkAt > 0) {
        limit = Math.max(1, limit / 2);
        shrunkAt = now;
      }
    }
    startWhatMay();
  }

  /** {@return how many may run at once} */
  synchronized int limit() {
    return (int) limit;
  }

  /** {@return how many run} */
  synchronized int running() {
    return running;
  }

  private void startWhatMay() {
    for (Runnable next = next(); next != null; next = next()) {
      next.run();
    }
  }

  private synchronized @Nullable Runnable next() {
    if (running >= (int) limit) {
      return null;
    }
    boolean othersTurn = urgent.isEmpty() || urgentInTurn >= URGENT_IN_TURN;
    Runnable next = othersTurn && !others.isEmpty() ? others.poll() : urgent.poll();
    if (next == null) {
      return null;
    }
    urgentInTurn = othersTurn ? 0 : urgentInTurn + 1;
    running++;
    return next;
  }
}
