package io.pagoda.core.run;

/** Who goes first when a lane is full. */
public enum Priority {
  /** An engine waits for the blocks. */
  FETCH,
  /** An engine waits to have its memory back. */
  PUT,
  /** An engine will want the blocks. */
  PREFETCH,
  /** Nobody waits. */
  BACKGROUND
}
