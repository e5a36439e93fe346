package io.pagoda.remote.objects;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One try at a request. It is given up when it is stopped, which the client learns by what it left
 * with {@link #onStop}; it has no memory from then on.
 *
 * <p><b>Threads.</b> Any.
 */
public sealed class Try permits Download, Upload {
  private final CompletableFuture<Void> quiet = new CompletableFuture<>();
  private boolean stopped;
  private boolean lent;
  private @Nullable Runnable stopping;
  private volatile long movedAt = System.nanoTime();

  /** Begins a try; only the tier does. */
  Try() {}

  /** {@return whether the try was given up: nobody waits for its result} */
  public final synchronized boolean stopped() {
    return stopped;
  }

  /**
   * Leaves how the request is broken off. Runs at once if the try was given up before.
   *
   * @param how returns soon; from any thread, at most once
   */
  public final void onStop(Runnable how) {
    synchronized (this) {
      if (!stopped) {
        stopping = how;
        return;
      }
    }
    how.run();
  }

  /** Notes that something came or went, so that the try does not count as stalled. */
  public final void moved() {
    movedAt = System.nanoTime();
  }

  /** {@return when something last came or went, by {@link System#nanoTime}} */
  final long movedAt() {
    return movedAt;
  }

  /**
   * Gives the try up.
   *
   * @return completes when nothing touches its memory any more
   */
  final CompletionStage<Void> stop() {
    Runnable how;
    synchronized (this) {
      how = stopping;
    }
    CompletionStage<Void> ended = end();
    if (how != null) {
      how.run();
    }
    return ended;
  }

  /** As {@link #stop} of a try whose client has said how it ended: nothing is to be broken off. */
  final CompletionStage<Void> end() {
    synchronized (this) {
      stopping = null;
      stopped = true;
      if (!lent) {
        quiet.complete(null);
      }
    }
    return quiet;
  }

  /** Takes the memory for one read or write; false if it is not to be had any more. */
  final synchronized boolean lend() {
    if (stopped) {
      return false;
    }
    if (lent) {
      throw new IllegalStateException("Two threads move bytes of one try");
    }
    lent = true;
    return true;
  }

  /** Gives the memory back. */
  final void giveBack() {
    moved();
    boolean over;
    synchronized (this) {
      lent = false;
      over = stopped;
    }
    if (over) {
      quiet.complete(null);
    }
  }
}
