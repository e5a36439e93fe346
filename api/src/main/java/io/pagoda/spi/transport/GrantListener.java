package io.pagoda.spi.transport;

import io.pagoda.PagodaException;

/**
 * Learns what happens to a grant. Implemented by the host.
 *
 * <p><b>Threads.</b> Called by the transport's threads, for one grant one call after the other; it
 * returns soon, does not block and does not throw.
 */
public interface GrantListener {
  /** Hears nothing. */
  GrantListener NONE = new GrantListener() {};

  /**
   * A peer has told something under the grant. Called once for every {@link Notification} whose
   * batch completed at the peer, after all bytes of the batch are in their place and visible to
   * this thread. One that the peer heard nothing of, because the link broke, comes once or never.
   *
   * @param peer who
   * @param message what
   */
  default void notified(Peer peer, byte[] message) {}

  /**
   * A peer that had used the grant is gone: what it had begun will not go on. The grant is as good
   * as before. Called once for each link that is lost.
   *
   * @param peer who
   * @param cause how it was noticed
   */
  default void lost(Peer peer, PagodaException cause) {}

  /**
   * The grant has ended, and nothing touches its windows any more. Called once, and nothing is
   * called after it.
   *
   * @param end why
   */
  default void ended(End end) {}

  /** Why a grant has ended. */
  enum End {
    /** It was revoked, or the transport was closed. */
    REVOKED,
    /** Its lifetime is over. */
    EXPIRED
  }
}
