package io.pagoda.tier.ssd;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;

/*
 * With direct I/O the kernel moves whole pages between page-aligned places. A stretch whose file
 * position, memory address and length allow that goes straight to or from the batch's memory. Any
 * other stretch, the ragged ends of a sub-range, goes through a bounce buffer that covers it
 * outward to whole pages: a load reads the pages and copies what it needs, a store reads the
 * pages, copies over them and writes them back. Nobody else touches a slot during a store, so
 * that is safe.
 *
 * A short answer is continued from the last whole page that arrived. One that ends within the
 * first page moved nothing that counts; a few in a row are a failure, and so is the end of the
 * file: it can only mean that the file was cut.
 */
/**
 * Cuts batches into operations, keeps at most the queue's depth of them in flight, and continues or
 * repeats those that fell short.
 *
 * <p><b>Threads.</b> Confined to the port's thread.
 */
final class Dispatcher implements AutoCloseable {
  private static final int ATTEMPTS = 8;

  private final IoPort port;
  private final Layout layout;
  private final int firstFile;
  private final List<Tally> tallies;
  private final List<Path> files;
  private final IoShape shape;
  private final Ends ends;
  private final Sheaf stored;

  private final Lineup waiting = new Lineup();
  private final WriteBudget budget;
  private final boolean limited;
  private final Watch watch;
  private boolean budgetAwaited;
  private final ArrayDeque<Op> idle = new ArrayDeque<>();
  private final Arena bounceMemory = Arena.ofShared();
  private final ArrayDeque<Bounce> bounces = new ArrayDeque<>();
  private int bouncesMade;

  /**
   * Creates a dispatcher with nothing to do.
   *
   * @param port where operations go
   * @param layout where slots lie
   * @param firstFile how the layout counts the first of the port's files
   * @param files the port's files
   * @param shape how operations are cut
   * @param tallies what each device of the tier has moved
   * @param ends told of each transfer when it has ended
   */
  Dispatcher(
      IoPort port, Layout layout, int firstFile, List<Path> files, IoShape shape,
      List<Tally> tallies, Ends ends) {
    this.port = port;
    this.layout = layout;
    this.firstFile = firstFile;
    this.tallies = tallies;
    this.files = List.copyOf(files);
    this.shape = shape;
    this.ends = ends;
    this.stored = new Sheaf(port, ends::stored);
    for (int id = 0; id < shape.queueDepth(); id++) {
      idle.add(new Op(id, this));
    }
    Pace pace = shape.pace();
    this.limited = pace.writeBytesPerSecond() != Pace.UNLIMITED;
    this.budget = new WriteBudget(pace.writeBytesPerSecond(), System.nanoTime());
    this.watch = new Watch(port, this.files, List.copyOf(idle), pace.deadline().toNanos());
  }

  /** Takes a transfer on. */
  void accept(Transfer transfer) {
    waiting.add(transfer);
    pump();
  }

  /** Takes the kernel's answer to an operation. */
  void ended(Op op, int result) {
    if (op.cancelled() && result != op.length()) {
      failed(op, -Errno.ETIMEDOUT.code());
    } else if (result > 0) {
      op.cancelled(false);
      progressed(op, result);
    } else if (repeats(result, op) && op.stall() < ATTEMPTS) {
      submit(op);
    } else {
      failed(op, result);
    }
    pump();
  }

  /** Frees the bounce buffers. Nothing is in flight any more. */
  @Override
  public void close() {
    bounceMemory.close();
  }

  private void pump() {
    while (!idle.isEmpty()) {
      Transfer transfer = waiting.next(mayWrite());
      if (transfer == null || !start(transfer)) {
        return;
      }
      waiting.started(transfer);
    }
  }

  /** {@return whether the budget lets something be written now; if not, it is awaited} */
  private boolean mayWrite() {
    if (!limited || !waiting.hasWrites()) {
      return true;
    }
    long wait = budget.delay(System.nanoTime());
    if (wait > 0 && !budgetAwaited) {
      budgetAwaited = true;
      tallies.getFirst().delays.increment();
      port.executeAfter(this::budgetIsThere, wait);
    }
    return wait == 0;
  }

  private void budgetIsThere() {
    budgetAwaited = false;
    pump();
  }

  /** Starts what is under the transfer's cursor, and returns false if that needs to wait. */
  private boolean start(Transfer transfer) {
    BlockBatch batch = transfer.batch();
    int block = transfer.block();
    int slot = batch.slot(block);
    long within = batch.rangeOffset() + transfer.moved();
    int file = layout.file(slot) - firstFile;
    long position = layout.position(slot) + within;
    long host = batch.offset(block) + transfer.moved();
    long left = batch.rangeBytes() - transfer.moved();
    boolean straight =
        shape.aligned(position | (batch.memory().address() + host)) && left >= shape.alignment();
    if (!straight && !bounceFree()) {
      return false;
    }
    Op op = idle.remove();
    op.belongTo(transfer, block);
    if (transfer.store()) {
      stored.started();
    }
    if (straight) {
      int bytes = (int) Math.min(shape.ioBytes(), shape.down(left));
      op.aim(transfer.store(), file, position, batch.memory(), host, bytes);
      transfer.started(bytes);
    } else {
      transfer.started(bounce(op, file, position, host, left));
    }
    submit(op);
    return true;
  }

  /** Aims {@code op} at the pages around a ragged stretch, and returns how much they hold of it. */
  private long bounce(Op op, int file, long position, long host, long left) {
    long from = shape.down(position);
    long skip = position - from;
    int span = (int) Math.min(shape.bounceBytes(), shape.up(skip + left));
    long take = Math.min(left, span - skip);
    Bounce bounce = bounces.remove();
    bounce.stand(skip, take, host);
    op.through(bounce);
    op.aim(false, file, from, bounce.pages(), 0, span);
    return take;
  }

  private boolean bounceFree() {
    if (bounces.isEmpty() && bouncesMade < shape.bounces()) {
      bounces.add(new Bounce(bounceMemory.allocate(shape.bounceBytes(), shape.alignment())));
      bouncesMade++;
    }
    return !bounces.isEmpty();
  }

  private void submit(Op op) {
    if (op.write()) {
      budget.spend(op.length());
    }
    watch.submitted(op);
    port.submit(op, op.length());
  }

  private void progressed(Op op, int result) {
    int whole = result == op.length() ? result : (int) shape.down(result);
    if (whole > 0) {
      tallies.get(op.transfer().device()).moved(op.write(), whole);
      op.advance(whole);
    } else if (op.stall() >= ATTEMPTS) {
      failed(op, 0);
      return;
    }
    if (op.length() > 0) {
      submit(op);
    } else {
      moved(op);
    }
  }

  private void moved(Op op) {
    Bounce bounce = op.bounce();
    if (bounce == null || op.write()) {
      succeeded(op);
      return;
    }
    try {
      copy(bounce, op.transfer());
    } catch (RuntimeException e) {
      // The memory was freed, or belongs to one thread: misuse, but the batch must still end.
      op.causedBy(e);
      failed(op, -Errno.EFAULT.code());
      return;
    }
    if (op.transfer().store()) {
      op.turn();
      submit(op);
    } else {
      succeeded(op);
    }
  }

  private static void copy(Bounce bounce, Transfer transfer) {
    if (transfer.store()) {
      bounce.copyFrom(transfer.batch().memory());
    } else {
      bounce.copyTo(transfer.batch().memory());
    }
  }

  private void succeeded(Op op) {
    op.transfer().succeeded();
    free(op);
  }

  private void failed(Op op, int result) {
    op.transfer().failed(op.block(), () -> failure(op, result));
    free(op);
  }

  private PagodaException failure(Op op, int result) {
    return IoFailure.of(op, files.get(op.file()), result);
  }

  private void free(Op op) {
    Transfer transfer = op.transfer();
    Bounce bounce = op.bounce();
    if (bounce != null) {
      bounces.add(bounce);
    }
    op.release();
    idle.add(op);
    if (transfer.store()) {
      stored.ended();
    }
    if (transfer.done()) {
      waiting.remove(transfer);
      ended(transfer);
    }
  }

  private void ended(Transfer transfer) {
    if (transfer.store() && ends.gathers()) {
      stored.add(transfer);
    } else {
      ends.ended(transfer);
    }
  }

  /** The end of a file stays where it is; a write that moved nothing may yet move something. */
  private static boolean repeats(int result, Op op) {
    return result == 0 ? op.write() : Errno.of(-result).retriable();
  }
}
