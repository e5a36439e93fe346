package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;

/** How the passive side answers. */
enum Status {
  /** All was done. */
  DONE(0, Fault.PERMANENT, "done"),
  /** No grant has this token, or it has ended. */
  NO_GRANT(1, Fault.PERMANENT,
      "no grant there has this token: it was revoked, is too old, or never was. Ask the peer for"
          + " another"),
  /** The grant is too old. */
  EXPIRED(2, Fault.PERMANENT, "the grant has expired. Ask the peer for another"),
  /** The grant was used as often as it may be. */
  USED_UP(3, Fault.PERMANENT,
      "the grant was used as many times as it was for. Ask the peer for another"),
  /** The grant is not for this, or not for these ranges. */
  OUTSIDE(4, Fault.PERMANENT, "the grant is not for this, or not for all of these ranges"),
  /** Bytes have changed on their way. */
  CHANGED(5, Fault.TRANSIENT, "bytes have changed on their way"),
  /** The handshake was refused. */
  REFUSED(6, Fault.PERMANENT, "the connection was refused");

  private final int code;
  private final Fault fault;
  private final String reason;

  Status(int code, Fault fault, String reason) {
    this.code = code;
    this.fault = fault;
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  int code() {
    return code;
  }

  /** {@return what the active side reports of such an answer} */
  static PagodaException failure(int code, String what, String reason) {
    for (Status status : values()) {
      if (status.code == code) {
        return new PagodaException(status.fault, what + ": " + reason);
      }
    }
    return new PagodaException(Fault.PERMANENT, what + ": status " + code + ", " + reason);
  }
}
