package io.pagoda.core.peer;

/**
 * Blocks that are lent.
 *
 * @param states what became of each key: {@link #LENT}, {@link #ABSENT} or {@link #BUSY}
 * @param offsets where each block is that is lent, in order, in bytes from the memory's beginning
 * @param checksums of each block that is lent, as many as a block has
 * @param release ends the loan
 */
public record Loan(
    byte[] states, long[] offsets, int[] checksums, Runnable release) implements AutoCloseable {
  /** The block is lent. */
  public static final byte LENT = 0;

  /** The block is not in host memory. */
  public static final byte ABSENT = 1;

  /** The block is there, but as much as may be is lent already; or it is being brought up. */
  public static final byte BUSY = 2;

  /** Ends the loan: nobody reads the blocks any more. Called once. */
  @Override
  public void close() {
    release.run();
  }
}
