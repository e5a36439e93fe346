package io.pagoda;

/**
 * Why a prefix that the store holds ends where it does.
 *
 * @param blocks how many leading blocks the store holds
 * @param cause why the next is not among them
 * @param tier where that happened; empty if nowhere in particular
 */
public record Ending(int blocks, Cause cause, String tier) {
  /** What became of the first block that is missing. */
  public enum Cause {
    /** Nothing is missing. */
    COMPLETE,
    /** Nobody stored it, as far as the store remembers. */
    NEVER_STORED,
    /** Somebody is storing it now. */
    NOT_READY,
    /** It had to leave the last tier that held it. */
    EVICTED,
    /** It left because its namespace had its quota. */
    OVER_QUOTA,
    /** It had not been used for as long as its namespace lets blocks live. */
    OUTLIVED,
    /** A tier failed to bring it, or to take it. */
    LOST,
    /** A tier brought other bytes than were stored. */
    CORRUPT
  }
}
