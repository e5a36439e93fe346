package io.pagoda.tier.ssd;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Transfers that have more to start. Somebody waits for what is read and nobody for what is
 * written, so reads come first; but after some operations of reads one of a write has its turn, or
 * host memory that waits to be written would wait for ever.
 *
 * <p><b>Threads.</b> Confined to the port's thread.
 */
final class Lineup {
  /** How many operations of reads pass a write that waits. */
  static final int READS_PER_WRITE = 8;

  private final ArrayDeque<Transfer> reads = new ArrayDeque<>();
  private final ArrayDeque<Transfer> writes = new ArrayDeque<>();
  private int readsInTurn;

  void add(Transfer transfer) {
    of(transfer).add(transfer);
  }

  /** Forgets a transfer that has ended. */
  void remove(Transfer transfer) {
    of(transfer).remove(transfer);
  }

  /** {@return whether something is to be written} */
  boolean hasWrites() {
    return first(writes) != null;
  }

  /**
   * Returns whose next operation is to be started, or null if nothing may be.
   *
   * @param writing whether writes may
   */
  @Nullable
  Transfer next(boolean writing) {
    Transfer read = first(reads);
    Transfer write = writing ? first(writes) : null;
    boolean writesTurn = read == null || readsInTurn >= READS_PER_WRITE;
    return write != null && writesTurn ? write : read;
  }

  /** Notes that an operation of a transfer has been started. */
  void started(Transfer transfer) {
    readsInTurn = transfer.store() ? 0 : readsInTurn + 1;
  }

  private ArrayDeque<Transfer> of(Transfer transfer) {
    return transfer.store() ? writes : reads;
  }

  private static @Nullable Transfer first(ArrayDeque<Transfer> transfers) {
    while (!transfers.isEmpty() && !transfers.element().hasMore()) {
      transfers.remove();
    }
    return transfers.peek();
  }
}
