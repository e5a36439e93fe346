package io.pagoda;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** An operation could not begin, or failed: for people and programs. */
public final class ConnectorException extends PagodaException {
  @Serial private static final long serialVersionUID = 1;

  /** What went wrong, for programs. */
  private final Trouble trouble;

  /** What may go wrong. */
  public enum Trouble {
    /**
     * What is here does not go with what is there: how many stretches, how long, of what memory.
     */
    SHAPE,
    /** A read of what may be written, or a write to what may be read. */
    WRONG_KIND,
    /** The metadata is not what a connector has written: malformed, changed, or not signed. */
    METADATA,
    /** Both sides have no transport in common that can do it, or none that is allowed. */
    NO_TRANSPORT,
    /** Nobody answers where the peer should be. */
    UNREACHABLE,
    /** The peer does not allow it, or has withdrawn what it allowed. */
    REFUSED,
    /** The peer has been started anew since it wrote the metadata. */
    STALE,
    /** The peer was there, and is no more. */
    PEER_LOST,
    /** As many have used it as it was for. */
    USED_UP,
    /** It took too long, or came too late. */
    EXPIRED,
    /** A stretch arrived with other bytes than were sent. */
    CORRUPT,
    /** The peer says that it has failed. */
    PEER_FAILED,
    /** Anything else. */
    FAILED
  }

  /**
   * Creates a failure.
   *
   * @param trouble for programs
   * @param fault how to meet it
   * @param message what was tried, on what, why it failed and what would help
   */
  public ConnectorException(Trouble trouble, Fault fault, String message) {
    this(trouble, fault, message, null);
  }

  /**
   * Creates a failure.
   *
   * @param trouble for programs
   * @param fault how to meet it
   * @param message what was tried, on what, why it failed and what would help
   * @param cause what lies beneath, or {@code null}
   */
  public ConnectorException(
      Trouble trouble, Fault fault, String message, @Nullable Throwable cause) {
    super(fault, message, cause);
    this.trouble = trouble;
  }

  /** {@return what went wrong, for programs} */
  public Trouble trouble() {
    return trouble;
  }
}
