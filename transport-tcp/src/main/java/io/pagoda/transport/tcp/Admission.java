package io.pagoda.transport.tcp;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Who may be connected: some peers that have proven who they are, and beside them some strangers
 * that are about to, of whom the one that has been for longest gives way to another. Safe for use
 * by many threads.
 */
final class Admission {
  private final int mostPeers;
  private final int mostStrangers;
  private final LinkedHashSet<ServerConnection> strangers = new LinkedHashSet<>();
  private final Set<ServerConnection> peers = new HashSet<>();

  Admission(int mostPeers, int mostStrangers) {
    this.mostPeers = mostPeers;
    this.mostStrangers = mostStrangers;
  }

  /** {@return who gives way to somebody that has just connected} */
  synchronized Optional<ServerConnection> stranger(ServerConnection connection) {
    strangers.add(connection);
    return strangers.size() > mostStrangers
        ? Optional.of(strangers.removeFirst())
        : Optional.empty();
  }

  /** {@return whether a stranger is a peer from now on} */
  synchronized boolean admit(ServerConnection connection) {
    if (peers.size() >= mostPeers) {
      return false;
    }
    strangers.remove(connection);
    return peers.add(connection);
  }

  synchronized void left(ServerConnection connection) {
    strangers.remove(connection);
    peers.remove(connection);
  }
}
