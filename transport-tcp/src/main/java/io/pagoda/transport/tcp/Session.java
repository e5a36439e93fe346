package io.pagoda.transport.tcp;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Peer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A link as the passive side sees it: its connections, and the grants that it has used. */
final class Session {
  private final UUID link;
  private final Peer peer;
  private final String identity;
  private final Set<ServerConnection> connections = new HashSet<>();
  private final Set<TcpGrant> grants = new HashSet<>();
  private @Nullable PagodaException lost;
  private boolean left;

  /**
   * Creates it without connections.
   *
   * @param identity whom a certificate says the peer to be; empty if there is none
   */
  Session(UUID link, Peer peer, String identity) {
    this.link = link;
    this.peer = peer;
    this.identity = identity;
  }

  UUID link() {
    return link;
  }

  Peer peer() {
    return peer;
  }

  /** {@return whether one more connection may join, which is of this peer} */
  synchronized boolean join(ServerConnection connection, Peer from, String shown) {
    boolean same = peer.name().equals(from.name())
        && peer.generation().equals(from.generation())
        && identity.equals(shown);
    return same && lost == null && !left && connections.add(connection);
  }

  synchronized void uses(TcpGrant grant) {
    grants.add(grant);
  }

  synchronized void forget(TcpGrant grant) {
    grants.remove(grant);
  }

  /** The peer says that it is done. */
  synchronized void leave() {
    left = true;
  }

  synchronized boolean left() {
    return left;
  }

  /** One connection is lost, and so are all. */
  void lost(PagodaException cause) {
    List<ServerConnection> others;
    synchronized (this) {
      if (lost != null) {
        return;
      }
      lost = cause;
      others = List.copyOf(connections);
    }
    others.forEach(one -> one.loop.execute(one::shut));
  }

  /** {@return whether it was the last connection} */
  boolean fenced(ServerConnection connection) {
    List<TcpGrant> told = new ArrayList<>();
    Optional<PagodaException> cause;
    synchronized (this) {
      connections.remove(connection);
      if (!connections.isEmpty()) {
        return false;
      }
      told.addAll(grants);
      grants.clear();
      cause = left ? Optional.empty() : Optional.ofNullable(lost);
    }
    for (TcpGrant grant : told) {
      cause.ifPresentOrElse(why -> grant.lost(this, why), () -> grant.left(this));
    }
    return true;
  }
}
