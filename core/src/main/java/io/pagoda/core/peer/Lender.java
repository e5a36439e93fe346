package io.pagoda.core.peer;

import io.pagoda.BlockKeys;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * Whoever lends blocks of a store's host memory.
 *
 * <p><b>Threads.</b> Any; every method but {@link #memory} may wait for a moment.
 */
public interface Lender {
  /** {@return the memory that blocks are lent in} */
  MemorySegment memory();

  /**
   * {@return how many of the keys, one after the other from the first, host memory has, or would
   * soon have if they were asked for}
   */
  int held(BlockKeys keys);

  /**
   * Lends what host memory has of some blocks, which do not move until the loan is closed. Those
   * that are below it are brought up, for whoever asks again.
   *
   * @param keys which, in any order
   * @param patience how long it may take to bring them up
   * @param recall called when the loan should be closed soon, at once or later, once or never
   */
  Loan lend(BlockKeys keys, Duration patience, Runnable recall);

  /** {@return how many blocks are lent now} */
  int lent();

  /** {@return the keys of some blocks that host memory has, at most {@code most}} */
  BlockKeys some(int most);

  /**
   * Looks whether blocks that a peer found wrong are still what they were sealed as. One that is
   * not is not lent again, and leaves when nobody has it pinned.
   */
  void doubt(BlockKeys keys);
}
