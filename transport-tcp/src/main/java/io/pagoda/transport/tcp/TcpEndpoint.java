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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listening socket and the connections that came through it. */
final class TcpEndpoint implements Endpoint {
  private final TcpTransport transport;
  private final Loop loop;
  private final Loop.Listener listener;
  private final Map<UUID, Session> sessions = new ConcurrentHashMap<>();
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final PeerMetadata metadata;

  TcpEndpoint(TcpTransport transport, Loop loop) {
    this.transport = transport;
    this.loop = loop;
    InetSocketAddress address = Addresses.parse(transport.settings().listen(), "listen");
    try {
      listener = loop.listen(address, this::take);
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "The transport %s cannot listen: %s. Set `listen` to an address of this machine, or to"
              .formatted(transport.name(), e.getMessage()) + " port 0 for any free one",
          e);
    }
    metadata = new PeerMetadata(
        "tcp", transport.name(), transport.generation(),
        Addresses.advertised(transport.settings(), listener.address()), Map.of());
  }

  Home home() {
    return transport;
  }

  private void take(Wire wire) {
    if (count.get() >= transport.settings().maxConnections()) {
      TcpTransport.LOG.log(
          Level.WARNING, "Refused {0}: there are {1} connections, as many as max-connections",
          wire.remote(), count.get());
      wire.close();
      return;
    }
    count.incrementAndGet();
    Loop own = loop;
    ServerConnection connection = new ServerConnection(this, own, wire);
    connections.add(connection);
    connection.begin();
  }

  /** {@return the session of a link, which a connection is about to join} */
  Session session(UUID link, Peer peer) {
    return sessions.computeIfAbsent(link, id -> {
      transport.census().link(1);
      return new Session(id, peer);
    });
  }

  /** Nothing touches any memory for a connection any more. */
  void fenced(ServerConnection connection, @Nullable Session session) {
    if (session != null && session.fenced(connection)) {
      sessions.remove(session.link());
      transport.census().link(-1);
    }
    connections.remove(connection);
    count.decrementAndGet();
  }

  @Override
  public PeerMetadata metadata() {
    return metadata;
  }

  /** Closes all connections, too. */
  void shut() {
    close();
    PagodaException why = new TransportException(
        Why.LOST, Fault.PERMANENT, "The transport %s was closed".formatted(metadata));
    List.copyOf(connections).forEach(one -> one.loop.execute(() -> one.lost(why)));
  }

  int connections() {
    return count.get();
  }

  @Override
  public void close() {
    listener.close();
  }
}
