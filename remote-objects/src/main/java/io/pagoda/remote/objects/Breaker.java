package io.pagoda.remote.objects;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Whether a server is worth asking. After so many failures in a row it is not, for a while; then
 * one request is let through, and what becomes of it decides.
 *
 * <p><b>Threads.</b> Any.
 */
final class Breaker {
  private final int most;
  private final long pauseNs;
  private final long longestNs;
  private int failures;
  private long nextPauseNs;
  private long openUntil;
  private boolean open;
  private boolean probing;
  private String why = "";

  /**
   * Begins closed.
   *
   * @param most how many failures in a row open it
   * @param pause how long it is open at first; each time twice as long ...
   * @param longest ... but not longer than this
   */
  Breaker(int most, Duration pause, Duration longest) {
    this.most = most;
    this.pauseNs = pause.toNanos();
    this.longestNs = longest.toNanos();
    this.nextPauseNs = pauseNs;
  }

  /** {@return whether {@link #allows} may say so} */
  synchronized boolean mayAllow(long now) {
    return !open || (!probing && now - openUntil >= 0);
  }

  /** {@return whether a request may be made; if so, its end has to be told} */
  synchronized boolean allows(long now) {
    if (!open) {
      return true;
    }
    if (probing || now - openUntil < 0) {
      return false;
    }
    probing = true;
    return true;
  }

  /** Notes that the server answered. */
  synchronized void worked() {
    failures = 0;
    open = false;
    probing = false;
    nextPauseNs = pauseNs;
  }

  /**
   * Notes that it did not.
   *
   * @return whether it is open since this one
   */
  synchronized boolean failed(long now, String reason) {
    failures++;
    boolean opens = probing || (!open && failures >= most);
    if (opens) {
      open(now, reason);
    }
    return opens;
  }

  /** Opens it. */
  synchronized void open(long now, String reason) {
    open = true;
    probing = false;
    why = reason;
    // Nodes that lost a server together should not come back together.
    openUntil = now + nextPauseNs / 2 + ThreadLocalRandom.current().nextLong(nextPauseNs / 2 + 1);
    nextPauseNs = Math.min(longestNs, nextPauseNs * 2);
  }

  /** {@return whether requests are refused, but for one now and then} */
  synchronized boolean isOpen() {
    return open;
  }

  /** {@return why it is open; empty if it is not} */
  synchronized String trouble() {
    return open ? why : "";
  }
}
