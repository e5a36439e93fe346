package io.pagoda.tier.gpu;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import io.pagoda.tier.gpu.Stream.Work;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Work that is put into a stream a part at a time, so that how a part is copied is chosen shortly
 * before it is.
 *
 * <p><b>Threads.</b> All is done under the stream's lock, but telling the completion.
 */
final class InTurn {
  /** How many parts are in the stream: the next is there when one has ended. */
  static final int AHEAD = 2;

  private final Queue queue;
  private final Deque<Work> left;
  private final Completion completion;
  private int running;
  private BatchResult result = BatchResult.COMPLETE;

  /** What parts are put into. */
  interface Queue {
    /** Puts work in; its completion is told when it is done. */
    void submit(Work work, Completion completion);

    /** Does something that nobody puts work in beside. */
    boolean locked(BooleanSupplier something);

    /** Forgets work whose parts are all over, and told. */
    void forget(InTurn turn);
  }

  InTurn(Queue queue, List<Work> parts, Completion completion) {
    this.queue = queue;
    this.left = new ArrayDeque<>(parts);
    this.completion = completion;
  }

  /** Puts the first parts in; throws if not even one can be. */
  void begin() {
    putNext();
    while (running < AHEAD && !left.isEmpty()) {
      tryNext();
    }
  }

  /** Puts all parts in that are left. */
  void flush() {
    while (!left.isEmpty()) {
      tryNext();
    }
  }

  /**
   * Refuses when a part was, or has failed, and the completion may not have been told yet.
   *
   * @throws PagodaException with the reason
   */
  void checkWhole() {
    if (result instanceof BatchResult.Failed failed) {
      throw new PagodaException(
          failed.cause().fault(), "A copy is not all in the stream: " + failed.cause().getMessage(),
          failed.cause());
    }
  }

  private void putNext() {
    queue.submit(left.remove(), this::ended);
    running++;
  }

  private void tryNext() {
    try {
      putNext();
    } catch (PagodaException e) {
      fail(new BatchResult.Failed(e));
    } catch (RuntimeException e) {
      fail(new BatchResult.Failed(new PagodaException(Fault.PERMANENT, "Refused: " + e, e)));
    }
  }

  private void fail(BatchResult how) {
    result = how;
    left.clear();
  }

  private void ended(BatchResult part) {
    if (queue.locked(() -> over(part))) {
      try {
        completion.complete(result);
      } finally {
        queue.forget(this);
      }
    }
  }

  /** Takes the end of a part; returns whether it was the last. */
  private boolean over(BatchResult part) {
    running--;
    if (!(part instanceof BatchResult.Complete)) {
      fail(part);
    } else if (!left.isEmpty()) {
      tryNext();
    }
    return running == 0 && left.isEmpty();
  }
}
