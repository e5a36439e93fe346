package io.pagoda;

/** Where an operation is. The last three are ends: none of them ever changes. */
public enum OperationState {
  /** It waits: for the connection, or for the peer. */
  INITIALIZED,
  /** Bytes move; or, of memory that several peers may use, some have and others have not yet. */
  IN_PROGRESS,
  /** Every byte has arrived. */
  COMPLETE,
  /** It failed, was refused, or took too long. */
  ERRORED,
  /** One of both sides called it off. */
  CANCELLED;

  /** {@return whether it is an end} */
  public boolean terminal() {
    return this == COMPLETE || this == ERRORED || this == CANCELLED;
  }
}
