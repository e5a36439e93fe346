package io.pagoda.tck;

/** What a {@link FaultyTier} does to a batch. */
public enum Misdeed {
  /** Nothing: it behaves. */
  NONE,
  /** Reports that the batch failed, having left noise at its destinations. */
  FAIL,
  /** Reports that some blocks were missed, having left noise at their destinations. */
  MISS,
  /** Changes one byte of one block, and reports success. */
  CORRUPT,
  /** Moves each block's bytes to the next block's place, and reports success. */
  SWAP,
  /** Moves nothing, and reports success: the destinations stay as they were. */
  LOSE
}
