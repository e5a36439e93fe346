package io.pagoda.node.trace;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A trace is not what its format says. The message names file, line and what is wrong. */
public final class TraceException extends PagodaException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the failure.
   *
   * @param message where the trace is wrong, and how
   * @param cause what lies beneath, or {@code null}
   */
  public TraceException(String message, @Nullable Throwable cause) {
    super(Fault.PERMANENT, message, cause);
  }
}
