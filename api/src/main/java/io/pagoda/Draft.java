package io.pagoda;

/**
 * A put that has been planned and not begun: the blocks that the store holds are pinned, the slots
 * for those that it lacks are taken.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public interface Draft extends AutoCloseable {
  /** {@return what is to be stored} */
  BlockKeys keys();

  /** {@return how many leading blocks can be stored, those included that are} */
  int blocks();

  /**
   * Returns whether a block is read from the caller's memory when the put runs; the others are in
   * the store already, or another put is bringing them.
   *
   * @param block its number in the prefix, below {@link #blocks}
   */
  boolean lacks(int block);

  /**
   * Gives pins and slots back, unless a put has taken the draft over or it is older than the
   * store's pin timeout; a second call does nothing.
   */
  @Override
  void close();
}
