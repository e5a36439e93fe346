package io.pagoda.transport.rdma;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.Peer;

/**
 * Hears of a grant by several devices, and tells of it as of one: its end when it has ended on all.
 * A link that is lost is told of once, as {@link Parties} see to. Its monitor is held by each part
 * while that tells something: a listener that ends the grant, in the thread of one device, waits
 * for no other.
 */
final class RailEars implements GrantListener {
  private final GrantListener listener;
  private int left;
  private boolean mute;

  /**
   * Listens.
   *
   * @param rails how many devices the grant is of
   */
  RailEars(GrantListener listener, int rails) {
    this.listener = listener;
    left = rails;
  }

  /** Tells nothing from now on: there was no such grant. */
  synchronized void mute() {
    mute = true;
  }

  @Override
  public synchronized void notified(Peer peer, byte[] message) {
    listener.notified(peer, message);
  }

  @Override
  public synchronized void lost(Peer peer, PagodaException cause) {
    listener.lost(peer, cause);
  }

  @Override
  public synchronized void ended(End end) {
    left--;
    if (left == 0 && !mute) {
      listener.ended(end);
    }
  }
}
