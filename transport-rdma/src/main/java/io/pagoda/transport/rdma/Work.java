package io.pagoda.transport.rdma;

/** Something that a {@link Lane} sends, list by list. */
interface Work {
  /** {@return what its requests do} */
  int opcode();

  /** {@return whether there may be another list} */
  boolean more();

  /**
   * Writes the next requests; {@link #done} follows if there are any.
   *
   * @param most how many
   * @param bytes after how many it stops
   * @return how many there are
   */
  int fill(WorkRing ring, int most, long bytes);

  /** A list is over: nothing touches what it was of. */
  void done(long bytes);
}
