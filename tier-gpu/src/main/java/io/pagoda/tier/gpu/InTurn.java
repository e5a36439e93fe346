package io.pagoda.tier.gpu;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import io.pagoda.tier.gpu.Stream.Work;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Work that is put into a stream a part at a time, so that how a part is copied is chosen shortly
 * before it is.
 *
 * <p><b>Threads.</b> All is done under the stream's lock, but telling the completion.
 */
final class InTurn {
  /** How many parts are in the stream: the next is there when one has ended. */
  static final int AHEAD = 2;

  private final Stream stream;
  private final Deque<Work> left;
  private final Completion completion;
  private int running;
  private BatchResult result = BatchResult.COMPLETE;

  InTurn(Stream stream, List<Work> parts, Completion completion) {
    this.stream = stream;
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

  private void putNext() {
    stream.submit(left.remove(), this::ended);
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
    if (stream.locked(() -> over(part))) {
      completion.complete(result);
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
    boolean last = running == 0 && left.isEmpty();
    if (last) {
      stream.forget(this);
    }
    return last;
  }
}
