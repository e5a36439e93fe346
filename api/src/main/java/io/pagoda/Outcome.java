package io.pagoda;

/**
 * How a job ended. It ends once, and its outcome never changes.
 *
 * @param end in which way
 * @param blocks how many leading blocks are where they were asked to be; of a fetch, the length of
 *     the prefix that the engine need not recompute
 * @param reason why not all of them, for people; empty when all are
 */
public record Outcome(End end, int blocks, String reason) {
  /** The ways in which a job ends. */
  public enum End {
    /** Every block arrived. */
    COMPLETED,
    /** Some leading blocks arrived. */
    PARTIAL,
    /** No block arrived. */
    FAILED,
    /** The caller cancelled it. */
    CANCELLED,
    /** Its deadline passed. */
    EXPIRED
  }

  /** {@return the outcome of a job that brought {@code arrived} of {@code wanted} blocks} */
  public static Outcome of(int arrived, int wanted, String reason) {
    if (arrived == wanted) {
      return new Outcome(End.COMPLETED, arrived, "");
    }
    return new Outcome(arrived == 0 ? End.FAILED : End.PARTIAL, arrived, reason);
  }
}
