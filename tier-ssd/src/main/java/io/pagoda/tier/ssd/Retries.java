package io.pagoda.tier.ssd;

import java.time.Duration;
import java.util.Set;
import java.util.function.IntConsumer;

/*
 * A store may come to the slot meanwhile, and its record must not be erased. Only who writes
 * records knows whether one has: so it is asked for a retry, in the order of all that is asked of
 * it, and writes nothing if the erasure is no longer owed.
 */
/**
 * Has erasures tried again that could not be written, after pauses that double from one failure to
 * the next up to a limit.
 *
 * <p><b>Threads.</b> Any.
 */
final class Retries {
  static final Duration FIRST = Duration.ofMillis(100);
  static final Duration LONGEST = Duration.ofMinutes(1);

  /** Runs something after a time. */
  @FunctionalInterface
  interface Later {
    void run(Runnable what, Duration pause);
  }

  private final Later later;
  private final IntConsumer forget;
  private Set<Integer> owed = Set.of();
  private Duration pause = FIRST;
  private boolean waiting;

  /**
   * Creates one with nothing to do.
   *
   * @param forget told of each {@link #retry} when its time has come
   */
  Retries(Later later, IntConsumer forget) {
    this.later = later;
    this.forget = forget;
  }

  /** {@return how a slot is named whose erasure is to be tried again, if it is owed still} */
  static int retry(int slot) {
    return ~slot;
  }

  /** Takes note of which slots are to be erased that could not be. */
  synchronized void owe(Set<Integer> slots) {
    owed = Set.copyOf(slots);
    if (owed.isEmpty()) {
      pause = FIRST;
    } else if (!waiting) {
      waiting = true;
      later.run(this::tryAgain, pause);
      pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
    }
  }

  private void tryAgain() {
    due().forEach(slot -> forget.accept(retry(slot)));
  }

  private synchronized Set<Integer> due() {
    waiting = false;
    return owed;
  }
}
