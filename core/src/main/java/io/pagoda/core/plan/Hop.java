package io.pagoda.core.plan;

/**
 * A batch of blocks that move together between the hub and one other place. All arrays have one
 * element per block.
 *
 * @param kind which way, and why
 * @param tier the other place: a tier's number, or {@link #POOL}
 * @param section which section of the blocks moves, or {@link #WHOLE}
 * @param after the hops of the plan that must have ended first, all earlier ones
 * @param positions where in its request each block is; {@link #NOBODY} if no request is for it
 * @param entries which blocks
 * @param slots where each is, or goes, in a tier; without meaning for the caller's memory, whose
 *     blocks are known when the plan runs
 * @param hubSlots where each is, or goes, in the hub
 */
public record Hop(
    Kind kind, int tier, int section, int[] after, int[] positions, int[] entries, int[] slots,
    int[] hubSlots) {
  /** The other place is the caller's memory. */
  public static final int POOL = -1;

  /** The position of a block that no request is for. */
  public static final int NOBODY = -1;

  /** Blocks move as a whole. */
  public static final int WHOLE = -1;

  /** The ways in which blocks move. */
  public enum Kind {
    /** From a colder tier into the hub. */
    LOAD,
    /** From the hub into a colder tier, to have it in both. */
    STORE,
    /** From the hub into a colder tier, to free its slot of the hub. */
    SPILL,
    /** From the caller's memory into the hub. */
    GATHER,
    /** From the hub into the caller's memory. */
    SCATTER;

    /** {@return whether the caller's memory takes part} */
    public boolean touchesPool() {
      return this == GATHER || this == SCATTER;
    }

    /** {@return whether a colder tier is where bytes arrive} */
    public boolean leavesHub() {
      return this == STORE || this == SPILL;
    }

    /** {@return whether the hub is where bytes arrive} */
    public boolean fillsHub() {
      return this == LOAD || this == GATHER;
    }
  }

  /** {@return how many blocks move} */
  public int size() {
    return entries.length;
  }
}
