package io.pagoda.transport.rdma;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.Peer;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Hears of a grant by several devices, and tells of it as of one: its end when it has ended on all,
 * and a link that is lost once, whichever of its connections have used the grant. Its monitor is
 * held by each part while that tells something: a listener that ends the grant, in the thread of
 * one device, waits for no other.
 */
final class RailEars implements GrantListener {
  /** Of so many links it is known that they were told of. */
  private static final int REMEMBERED = 1_024;

  private final GrantListener listener;
  private final Set<UUID> lost = new LinkedHashSet<>();
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

  /**
   * A connection is lost.
   *
   * @param link which it was of; without one, it was a link of its own
   */
  synchronized void lost(Peer peer, Optional<UUID> link, PagodaException cause) {
    if (link.isEmpty() || lost.add(link.get())) {
      listener.lost(peer, cause);
    }
    if (lost.size() > REMEMBERED) {
      lost.remove(lost.iterator().next());
    }
  }

  @Override
  public synchronized void lost(Peer peer, PagodaException cause) {
    lost(peer, Optional.empty(), cause);
  }

  @Override
  public synchronized void ended(End end) {
    left--;
    if (left == 0 && !mute) {
      listener.ended(end);
    }
  }
}
