package io.pagoda.core.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for blocks that other plans bring into the hub, so that nobody brings them twice.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
final class Arrivals {
  private final Map<Integer, List<Waiter>> waiting = new HashMap<>();
  private final Queue<Waiter> due = new ArrayDeque<>();

  /**
   * A plan that waits for a block.
   *
   * @param piece whose block it is
   * @param hop which hop of its plan needs the block; {@link #NO_HOP} if only its outcome does
   * @param position where the block is in the plan
   * @param entry which block
   */
  record Waiter(Piece piece, int hop, int position, int entry) {
    static final int NO_HOP = -1;
  }

  void await(Waiter waiter) {
    waiting.computeIfAbsent(waiter.entry, _ -> new ArrayList<>()).add(waiter);
  }

  boolean awaited(int entry) {
    return !waiting.isEmpty() && waiting.containsKey(entry);
  }

  /** {@return whether nobody waits; for tests} */
  boolean isEmpty() {
    return waiting.isEmpty() && due.isEmpty();
  }

  /** Records that a block has come, or will not. */
  void ended(int entry) {
    List<Waiter> waiters = waiting.isEmpty() ? null : waiting.remove(entry);
    if (waiters != null) {
      due.addAll(waiters);
    }
  }

  /** {@return a waiter whose wait has ended, or null if there is none} */
  @Nullable
  Waiter next() {
    return due.poll();
  }
}
