package io.pagoda;

import java.util.Optional;

/**
 * How an operation ended. Unless it is complete, the bytes of its target are undefined.
 *
 * @param state {@link OperationState#COMPLETE COMPLETE}, {@link OperationState#ERRORED ERRORED} or
 *     {@link OperationState#CANCELLED CANCELLED}
 * @param bytes how many were moved, if it is complete; else 0
 * @param cause why it failed, if it did
 */
public record OperationEnd(OperationState state, long bytes, Optional<ConnectorException> cause) {
  /**
   * Checks that they fit together.
   *
   * @throws IllegalArgumentException if not
   */
  public OperationEnd {
    if (!state.terminal() || cause.isPresent() != (state == OperationState.ERRORED)) {
      throw new IllegalArgumentException("This is no end: %s, %s".formatted(state, cause));
    }
  }

  /** {@return the end of an operation that has moved everything} */
  public static OperationEnd complete(long bytes) {
    return new OperationEnd(OperationState.COMPLETE, bytes, Optional.empty());
  }

  /** {@return the end of one that was called off} */
  public static OperationEnd cancelled() {
    return new OperationEnd(OperationState.CANCELLED, 0, Optional.empty());
  }

  /** {@return the end of one that failed} */
  public static OperationEnd errored(ConnectorException cause) {
    return new OperationEnd(OperationState.ERRORED, 0, Optional.of(cause));
  }

  /** {@return whether every byte has arrived} */
  public boolean completed() {
    return state == OperationState.COMPLETE;
  }
}
