package io.pagoda.transport.rdma;

/** The use of a grant by one peer, from when it was told where its windows are until it leaves. */
final class ServedLease {
  private final RdmaGrant grant;
  private final Guest guest;
  private final int number;

  ServedLease(RdmaGrant grant, Guest guest, int number) {
    this.grant = grant;
    this.guest = guest;
    this.number = number;
  }

  RdmaGrant grant() {
    return grant;
  }

  int number() {
    return number;
  }

  /** Asks the peer to leave. */
  void revoke(Status why) {
    guest.revoke(this, why);
  }

  boolean tell(byte[] message) {
    return grant.tell(guest, message);
  }
}
