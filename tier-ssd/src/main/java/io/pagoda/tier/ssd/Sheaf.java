package io.pagoda.tier.ssd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Stores whose bytes are written, until there are enough of them to wake somebody up for their
 * records. A few wait while many more are being written: the device has work, and nobody waits for
 * what is written.
 *
 * <p><b>Threads.</b> Confined to the port's thread.
 */
final class Sheaf {
  /** What is held back is at most that part of what is being written. */
  static final int PART = 8;

  static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final IoPort port;
  private final Consumer<List<Transfer>> next;
  private List<Transfer> ended = new ArrayList<>();
  private int writing;
  private boolean set;

  /**
   * Creates a sheaf of nothing.
   *
   * @param next takes over stores, in the order in which they ended
   */
  Sheaf(IoPort port, Consumer<List<Transfer>> next) {
    this.port = port;
    this.next = next;
  }

  /** Notes that an operation of a store has been started. */
  void started() {
    writing++;
  }

  /** Notes that an operation of a store has ended. */
  void ended() {
    writing--;
    settle();
  }

  /** Takes on a store that has ended. */
  void add(Transfer store) {
    ended.add(store);
    settle();
  }

  private void settle() {
    if (ended.size() * PART > writing) {
      handOn();
    } else if (!ended.isEmpty() && !set) {
      set = true;
      port.executeAfter(this::tooLong, LONGEST_NANOS);
    }
  }

  private void tooLong() {
    set = false;
    handOn();
  }

  private void handOn() {
    if (!ended.isEmpty()) {
      List<Transfer> together = ended;
      ended = new ArrayList<>();
      next.accept(together);
    }
  }
}
