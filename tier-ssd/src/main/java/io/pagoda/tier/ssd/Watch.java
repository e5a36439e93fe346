package io.pagoda.tier.ssd;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Cancels operations that the kernel has not answered in time. Until it answers, it may still move
 * bytes, so an operation ends only then; one whose cancel is not answered either never does, and is
 * told of in the log.
 *
 * <p><b>Threads.</b> Confined to the port's thread.
 */
final class Watch {
  private final IoPort port;
  private final List<Path> files;
  private final List<Op> ops;
  private final long deadline;
  private boolean set;
  private boolean told;

  /**
   * Creates a watch over nothing yet.
   *
   * @param ops all that there will be
   * @param deadlineNanos how long an answer is awaited
   */
  Watch(IoPort port, List<Path> files, List<Op> ops, long deadlineNanos) {
    this.port = port;
    this.files = files;
    this.ops = List.copyOf(ops);
    this.deadline = deadlineNanos;
  }

  /** Watches what has just been submitted. */
  void submitted(Op op) {
    op.askedAt(System.nanoTime());
    if (!set) {
      look(deadline);
    }
  }

  private void look(long later) {
    set = true;
    port.executeAfter(this::look, later);
  }

  /** Cancels what is late, and looks again when the next could be. */
  private void look() {
    set = false;
    long now = System.nanoTime();
    long next = Long.MAX_VALUE;
    for (Op op : ops) {
      if (op.inFlight() && !op.givenUp()) {
        long left = op.askedAt() + deadline - now;
        if (left <= 0) {
          late(op, now);
          left = deadline;
        }
        next = Math.min(next, left);
      }
    }
    if (next < Long.MAX_VALUE) {
      look(next);
    }
  }

  private void late(Op op, long now) {
    if (!op.cancelled()) {
      op.cancelled(true);
      op.askedAt(now);
      port.cancel(op);
      return;
    }
    op.giveUp();
    if (!told) {
      told = true;
      Engine.LOG.log(
          Level.ERROR,
          "The device of {0} has answered neither an operation at offset {1} nor its cancel, each "
              + "within {2} ms. The kernel may still move those bytes, so their memory is kept, "
              + "their batch does not end, and the tier cannot close. Look at the device and the "
              + "kernel log; further ones are not told",
          files.get(op.file()), String.valueOf(op.position()),
          String.valueOf(TimeUnit.NANOSECONDS.toMillis(deadline)));
    }
  }
}
