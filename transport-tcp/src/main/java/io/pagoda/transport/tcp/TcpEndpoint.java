package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listening socket and the connections that came through it. */
final class TcpEndpoint implements Endpoint, Loop.Taker {
  private final TcpTransport transport;
  private final Loop.Listener listener;
  private final Map<UUID, Session> sessions = new ConcurrentHashMap<>();
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final Admission admission;
  private final Seldom refused = new Seldom();
  private final CompletableFuture<Void> gone = new CompletableFuture<>();
  private final PeerMetadata metadata;
  private volatile boolean shut;

  TcpEndpoint(TcpTransport transport, Loop loop) {
    this.transport = transport;
    TcpSettings settings = transport.settings();
    settings.tls().ifPresent(Tls::checkServes);
    admission = new Admission(settings.maxConnections(), settings.maxHandshakes());
    InetSocketAddress address = Addresses.parse(settings.listen(), "listen");
    try {
      listener = loop.listen(address, this);
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "The transport %s cannot listen: %s. Set `listen` to an address of this machine, or to"
              .formatted(transport.name(), e.getMessage()) + " port 0 for any free one",
          e);
    }
    metadata = new PeerMetadata(
        "tcp", transport.name(), transport.generation(),
        Addresses.advertised(settings, listener.address()), Map.of());
  }

  Home home() {
    return transport;
  }

  @Override
  public Loop next() {
    return transport.nextLoop();
  }

  @Override
  public void take(Loop loop, Wire plain) {
    Wire wire = transport.settings()
        .tls()
        .<Wire>map(tls -> new TlsWire(plain, loop, tls.serving(), transport.census()))
        .orElse(plain);
    ServerConnection connection = new ServerConnection(this, loop, wire);
    connections.add(connection);
    try {
      admission.stranger(connection).ifPresent(ServerConnection::givesWay);
      connection.begin();
    } catch (RuntimeException | Error e) {
      connections.remove(connection);
      admission.left(connection);
      throw e;
    }
    if (shut) {
      connection.lost(closing());
    }
  }

  /** {@return whether a peer that has proven who it is may stay} */
  boolean admit(ServerConnection connection) {
    return admission.admit(connection);
  }

  /** Says that somebody was refused, though not each time if that happens often. */
  void refused(Supplier<String> what) {
    refused.log(Level.WARNING, what);
  }

  /** {@return the session of a link, which a connection is about to join} */
  Session session(UUID link, Peer peer, String identity) {
    return sessions.computeIfAbsent(link, id -> {
      transport.census().link(1);
      return new Session(id, peer, identity);
    });
  }

  /** Nothing touches any memory for a connection any more. */
  void fenced(ServerConnection connection, @Nullable Session session) {
    if (session != null && session.fenced(connection)) {
      sessions.remove(session.link());
      transport.census().link(-1);
    }
    connections.remove(connection);
    admission.left(connection);
    tellIfGone();
  }

  private void tellIfGone() {
    if (shut && connections.isEmpty()) {
      gone.complete(null);
    }
  }

  @Override
  public PeerMetadata metadata() {
    return metadata;
  }

  private PagodaException closing() {
    return new TransportException(
        Why.LOST, Fault.PERMANENT, "The transport %s was closed".formatted(transport.name()));
  }

  /** Closes all connections, too; completes when nothing touches any memory for them. */
  CompletableFuture<Void> shut() {
    close();
    shut = true;
    List.copyOf(connections).forEach(one -> one.loop.execute(() -> one.lost(closing())));
    tellIfGone();
    return gone;
  }

  @Override
  public void close() {
    listener.close();
  }
}
