package io.pagoda.spi.transport;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A peer could not be reached, or what was asked of it was not done: for people and programs. */
public final class TransportException extends PagodaException {
  @Serial private static final long serialVersionUID = 1;

  /** Why, for programs. */
  private final Why why;

  /** Why a transport could not do what it was asked for. */
  public enum Why {
    /** Nobody answers where the peer should be. */
    UNREACHABLE,
    /** The peer is there, and does not let this one in. */
    REFUSED,
    /** The peer has been started anew since it said how to reach it, or what it grants. */
    STALE,
    /** The peer was there, and is no more. */
    LOST,
    /** No grant has this token: it was revoked, or never was. */
    NO_GRANT,
    /** The grant is too old. */
    EXPIRED,
    /** The grant was used as many times as it was for. */
    USED_UP,
    /** The grant is not for this direction, or not for all of these ranges. */
    OUTSIDE,
    /** Bytes have changed on their way. */
    CHANGED
  }

  /**
   * Creates a failure.
   *
   * @param why for programs
   * @param fault how to meet it
   * @param message what was tried, on what, why it failed and what would help
   */
  public TransportException(Why why, Fault fault, String message) {
    this(why, fault, message, null);
  }

  /**
   * Creates a failure.
   *
   * @param why for programs
   * @param fault how to meet it
   * @param message what was tried, on what, why it failed and what would help
   * @param cause what lies beneath, or {@code null}
   */
  public TransportException(Why why, Fault fault, String message, @Nullable Throwable cause) {
    super(fault, message, cause);
    this.why = why;
  }

  /** {@return why, for programs} */
  public Why why() {
    return why;
  }
}
