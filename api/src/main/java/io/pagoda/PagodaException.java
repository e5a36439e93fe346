package io.pagoda;

import java.io.Serial;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The root of every failure that Pagoda reports. A cache miss, a full tier and a lost block are not
 * failures: they are shorter prefixes.
 */
public class PagodaException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** How to meet it. */
  private final Fault fault;

  /**
   * Creates a failure with nothing beneath it.
   *
   * @param fault how to meet it
   * @param message what was tried, on what, why it failed and what would help
   */
  public PagodaException(Fault fault, String message) {
    this(fault, message, null);
  }

  /**
   * Creates a failure.
   *
   * @param fault how to meet it
   * @param message what was tried, on what, why it failed and what would help
   * @param cause what lies beneath, or {@code null}
   */
  public PagodaException(Fault fault, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.fault = Objects.requireNonNull(fault);
  }

  /** {@return how to meet this failure} */
  public final Fault fault() {
    return fault;
  }
}
