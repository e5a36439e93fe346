package io.pagoda;

import io.pagoda.Outcome.End;

/**
 * How a task stands.
 *
 * @param id its number
 * @param state how it stands
 * @param tokens which tokens it will move, or once it has ended those that it did; none if unknown
 * @param reason why it did not move all that was planned, for people; else empty
 */
public record KvStatus(long id, State state, TokenMask tokens, String reason) {
  /** How a task can stand. */
  public enum State {
    /** Planned, and not launched. */
    UNREADY,
    /** Launched, and on its way. */
    RUNNING,
    /** Cancelled or expired, while a device is still at work in the caller's memory. */
    STOPPING,
    /** Everything moved. */
    COMPLETED,
    /** Some leading tokens moved. */
    PARTIAL,
    /** Nothing moved. */
    FAILED,
    /** The caller cancelled it. */
    CANCELLED,
    /** Its deadline passed. */
    EXPIRED,
    /** No such task: never begun, abandoned, or its end was told already. */
    NOT_FOUND;

    /** {@return the state of a task that ended so} */
    public static State of(End end) {
      return switch (end) {
        case COMPLETED -> COMPLETED;
        case PARTIAL -> PARTIAL;
        case FAILED -> FAILED;
        case CANCELLED -> CANCELLED;
        case EXPIRED -> EXPIRED;
      };
    }

    /** {@return whether the caller's memory is the caller's, and will stay so} */
    public boolean ended() {
      return this != UNREADY && this != RUNNING && this != STOPPING;
    }
  }
}
