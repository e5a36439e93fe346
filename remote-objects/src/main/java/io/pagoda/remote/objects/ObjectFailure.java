package io.pagoda.remote.objects;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.Serial;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A request to object storage has failed. */
public final class ObjectFailure extends PagodaException {
  /** What went wrong, as far as it matters to what comes next. */
  public enum Kind {
    /** The network, or the server for the moment (500, 502, 504, a broken connection): again. */
    TRANSIENT(Fault.TRANSIENT),
    /** The server asks for fewer requests (503, 429): again, later, and fewer at once. */
    THROTTLED(Fault.TRANSIENT),
    /** There is no such object (404), or none that could be the one. */
    MISSING(Fault.PERMANENT),
    /** There is an object of that name, of another length than looked for, or shorter (416). */
    MISFIT(Fault.PERMANENT),
    /** What the request was made conditional on does not hold (412, 409). */
    PRECONDITION(Fault.PERMANENT),
    /** The server does not know what was asked for (501, or 400 that names a header). */
    UNSUPPORTED(Fault.PERMANENT),
    /** The server refuses this request as it is (400): to repeat it would not help. */
    REFUSED(Fault.PERMANENT),
    /** Credentials are wrong or may not do this (401, 403), or are for another region. */
    DENIED(Fault.PERMANENT),
    /** There is no such bucket. */
    NO_BUCKET(Fault.PERMANENT);

    private final Fault fault;

    Kind(Fault fault) {
      this.fault = fault;
    }

    /** {@return how an engine should meet it} */
    public Fault fault() {
      return fault;
    }

    /** {@return whether the same request may succeed later} */
    public boolean mayPass() {
      return fault == Fault.TRANSIENT;
    }
  }

  @Serial private static final long serialVersionUID = 1;

  /** What went wrong. */
  private final Kind kind;

  /**
   * Creates the failure.
   *
   * @param kind what went wrong
   * @param message what was tried, on what, why it failed and what would help
   * @param cause what lies beneath, or {@code null}
   */
  public ObjectFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(kind.fault(), message, cause);
    this.kind = kind;
  }

  /** {@return what went wrong} */
  public Kind kind() {
    return kind;
  }

  /** {@return what stages have wrapped} */
  public static Throwable beneath(Throwable error) {
    Throwable beneath = error;
    while (beneath instanceof CompletionException && beneath.getCause() != null) {
      beneath = beneath.getCause();
    }
    return beneath;
  }

  /**
   * Returns the kind that the status of an HTTP response stands for.
   *
   * @param status the status, 300 or more
   * @param code the server's own word for it, such as {@code SlowDown}; empty if there is none
   */
  public static Kind kindOf(int status, String code) {
    return switch (code) {
      case "SlowDown", "TooManyRequests", "RequestLimitExceeded", "Throttling" -> Kind.THROTTLED;
      case "NoSuchBucket" -> Kind.NO_BUCKET;
      case "RequestTimeout", "RequestTimeTooSkewed", "IncompleteBody", "OperationAborted",
          "ConditionalRequestConflict" ->
        Kind.TRANSIENT;
      case "NotImplemented" -> Kind.UNSUPPORTED;
      // Some of these come with 400, or with no status of their own.
      case "AccessDenied", "AuthorizationHeaderMalformed", "ExpiredToken", "InvalidAccessKeyId",
          "InvalidToken", "SignatureDoesNotMatch" ->
        Kind.DENIED;
      default -> ofStatus(status);
    };
  }

  private static Kind ofStatus(int status) {
    return switch (status) {
      case 401, 403 -> Kind.DENIED;
      case 404 -> Kind.MISSING;
      case 408 -> Kind.TRANSIENT;
      case 409, 412 -> Kind.PRECONDITION;
      case 416 -> Kind.MISFIT;
      case 429, 503 -> Kind.THROTTLED;
      case 501 -> Kind.UNSUPPORTED;
      default -> status >= 500 ? Kind.TRANSIENT : Kind.REFUSED;
    };
  }
}
