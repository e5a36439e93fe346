package io.pagoda.tier.ssd;

/**
 * Where operations go: it owns the open files and one thread, on which everything about operations
 * happens.
 *
 * <p><b>Threads.</b> {@link #execute} may be called from any thread, {@link #submit} only on the
 * port's own.
 */
interface IoPort extends AutoCloseable {
  /** Runs {@code task} on the port's thread, in the order of the calls. */
  void execute(Runnable task);

  /**
   * Starts an operation. It ends by a call of {@link Op#ended} on the port's thread, never within
   * this call.
   *
   * @param bytes how many of the operation's bytes to move
   */
  void submit(Op op, int bytes);

  /** Ends the thread and closes the files. Nothing is in flight any more. */
  @Override
  void close();
}
