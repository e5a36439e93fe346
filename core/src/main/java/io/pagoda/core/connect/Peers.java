package io.pagoda.core.connect;

import io.pagoda.Connection;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** The connections of a connector: one to each peer by each transport, while it lives. */
final class Peers {
  private final Executor executor;
  private final Duration patience;
  private final Doubts doubts;
  private final ConcurrentHashMap<Key, PeerConnection> connections = new ConcurrentHashMap<>();

  /** A start of a peer's transport. */
  private record Key(String transport, UUID generation) {}

  /**
   * Creates it.
   *
   * @param executor where opening one may block
   * @param patience how long that may take
   * @param doubts which hears of those that cannot be reached, or not any more
   */
  Peers(Executor executor, Duration patience, Doubts doubts) {
    this.executor = executor;
    this.patience = patience;
    this.doubts = doubts;
  }

  /** {@return the connection to a peer, which is being opened if there was none} */
  PeerConnection to(Track track, PeerMetadata peer) {
    Key key = new Key(peer.transport(), peer.generation());
    return connections.computeIfAbsent(key, _ -> open(key, track, peer));
  }

  private PeerConnection open(Key key, Track track, PeerMetadata peer) {
    CompletableFuture<Link> opened = new CompletableFuture<>();
    PeerConnection connection = new PeerConnection(track, peer, opened);
    executor.execute(() -> {
      try {
        Link link = track.transport().connect(peer, patience);
        var _ = link.lost().thenAccept(why -> {
          doubts.add(peer, String.valueOf(why.getMessage()));
          connections.remove(key, connection);
        });
        opened.complete(link);
      } catch (RuntimeException e) {
        doubts.add(peer, String.valueOf(e.getMessage()));
        connections.remove(key, connection);
        opened.completeExceptionally(e);
      }
    });
    return connection;
  }

  /** {@return those that are open} */
  List<Connection> open() {
    return connections.values()
        .stream()
        .filter(PeerConnection::alive)
        .map(Connection.class::cast)
        .toList();
  }

  int size() {
    return connections.size();
  }

  void close() {
    connections.values().forEach(PeerConnection::close);
  }
}
