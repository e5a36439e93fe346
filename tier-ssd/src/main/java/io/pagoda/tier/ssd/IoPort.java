package io.pagoda.tier.ssd;

import java.lang.foreign.MemorySegment;

/**
 * Where operations go: it owns the open files and one thread, on which everything about operations
 * happens.
 *
 * <p><b>Threads.</b> {@link #execute} and {@link #hostMemory} may be called from any thread,
 * {@link #executeAfter}, {@link #submit} and {@link #cancel} only on the port's own.
 */
interface IoPort extends AutoCloseable {
  /** Runs {@code task} on the port's thread, in the order of the calls. */
  void execute(Runnable task);

  /** Runs {@code task} on the port's thread some nanoseconds from now, unless it is closed. */
  void executeAfter(Runnable task, long nanos);

  /**
   * Starts an operation. It ends by a call of {@link Op#ended} on the port's thread, never within
   * this call.
   *
   * @param bytes how many of the operation's bytes to move
   */
  void submit(Op op, int bytes);

  /**
   * Tells where most operations will have their memory, which stays until the port is closed.
   *
   * @param pieceBytes what no operation's memory lies across the multiples of, if that can be
   */
  default void hostMemory(MemorySegment memory, long pieceBytes) {
    // Most ways of moving bytes have no use for it.
  }

  /**
   * Asks the kernel to let go of an operation. If it does, the operation ends as every other; if it
   * cannot, nothing happens.
   */
  void cancel(Op op);

  /** Ends the thread and closes the files. Nothing is in flight any more. */
  @Override
  void close();
}
