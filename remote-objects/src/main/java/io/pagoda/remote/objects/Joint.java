package io.pagoda.remote.objects;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a batch on their way, and how it ended once all have.
 *
 * <p><b>Threads.</b> Any.
 */
final class Joint {
  private final int size;
  private final Completion completion;
  private final BitSet missed = new BitSet();
  private int left;
  private int causeAt = Integer.MAX_VALUE;
  private @Nullable PagodaException cause;

  /**
   * Begins.
   *
   * @param size how many blocks there are
   * @param parts how many ends are waited for
   */
  Joint(int size, int parts, Completion completion) {
    this.size = size;
    this.left = parts;
    this.completion = completion;
  }

  /** Notes that blocks of a part were not moved. */
  synchronized void missed(int from, int to, PagodaException why) {
    missed.set(from, to);
    if (from < causeAt) {
      causeAt = from;
      cause = why;
    }
  }

  /** Ends a part; the last one completes the batch. */
  void ended() {
    synchronized (this) {
      if (--left > 0) {
        return;
      }
    }
    completion.complete(result());
  }

  private synchronized BatchResult result() {
    if (missed.isEmpty()) {
      return BatchResult.COMPLETE;
    }
    PagodaException why = Objects.requireNonNull(cause);
    return missed.cardinality() == size
        ? new BatchResult.Failed(why)
        : new BatchResult.Partial(missed, why);
  }
}
