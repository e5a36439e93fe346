package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;

/** How the passive side answers. */
enum Status {
  /** All was done. */
  DONE(0, Why.REFUSED, Fault.PERMANENT, "done"),
  /** No grant has this token, or it has ended. */
  NO_GRANT(1, Why.NO_GRANT, Fault.PERMANENT,
      "no grant there has this token: it was revoked, is too old, or never was. Ask the peer for"
          + " another"),
  /** The grant is too old. */
  EXPIRED(2, Why.EXPIRED, Fault.PERMANENT, "the grant has expired. Ask the peer for another"),
  /** The grant was used as often as it may be. */
  USED_UP(3, Why.USED_UP, Fault.PERMANENT,
      "the grant was used as many times as it was for. Ask the peer for another"),
  /** The grant is not for this, or not for these ranges. */
  OUTSIDE(4, Why.OUTSIDE, Fault.PERMANENT,
      "the grant is not for this, or not for all of these ranges"),
  /** Bytes have changed on their way. */
  CHANGED(5, Why.CHANGED, Fault.TRANSIENT, "bytes have changed on their way"),
  /** The handshake was refused. */
  REFUSED(6, Why.REFUSED, Fault.PERMANENT, "the connection was refused"),
  /** The peer means an earlier start of this transport. */
  STALE(7, Why.STALE, Fault.PERMANENT,
      "the peer was restarted since it told how to connect: ask it again");

  private final int code;
  private final Why why;
  private final Fault fault;
  private final String reason;

  Status(int code, Why why, Fault fault, String reason) {
    this.code = code;
    this.why = why;
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
  static TransportException failure(int code, String what, String reason) {
    for (Status status : values()) {
      if (status.code == code) {
        return new TransportException(status.why, status.fault, what + ": " + reason);
      }
    }
    return new TransportException(
        Why.REFUSED, Fault.PERMANENT, what + ": status " + code + ", " + reason);
  }
}
