package io.pagoda.core.communicate;

import io.pagoda.Fault;
import io.pagoda.KvArrival;
import io.pagoda.KvArrivals;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.Window;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Lets workers that prefill write to this one's memory, each under a grant of its own. */
final class Reception implements AutoCloseable {
  private final CommunicatorSettings settings;
  private final Geometry here;
  private final Map<String, List<Region>> regions;
  private final Map<String, Transport> transports;
  private final Map<String, Endpoint> endpoints = new LinkedHashMap<>();
  private final KvArrivals arrivals;
  private final Set<Grant> grants = ConcurrentHashMap.newKeySet();
  private final Rendezvous rendezvous;

  Reception(
      CommunicatorSettings settings, Secret secret, Geometry here,
      Map<String, Transport> transports, Map<String, List<Region>> regions, KvArrivals arrivals) {
    this.settings = settings;
    this.here = here;
    this.transports = transports;
    this.regions = regions;
    this.arrivals = arrivals;
    try {
      transports.forEach((type, transport) -> endpoints.put(type, transport.listen()));
      rendezvous = Rendezvous.open(settings.bind(), secret, settings.connectTimeout(), this::admit);
    } catch (RuntimeException e) {
      endpoints.values().forEach(Endpoint::close);
      throw e;
    }
  }

  InetSocketAddress address() {
    return rendezvous.address();
  }

  private Rendezvous.Guest admit(Greeting greeting) {
    var _ = greeting.geometry().with(here);
    String type = greeting.transports()
        .stream()
        .filter(endpoints::containsKey)
        .findFirst()
        .orElseThrow(
            () -> new PagodaException(
                Fault.PERMANENT, "No transport is on both sides: %s there, %s here"
                    .formatted(greeting.transports(), endpoints.keySet())));
    return new Admitted(type, greeting.name());
  }

  /** A worker that may write until its link is lost. */
  private final class Admitted implements Rendezvous.Guest, GrantListener {
    private final String name;
    private final Grant grant;
    private final Answer answer;
    private final CompletableFuture<End> gone = new CompletableFuture<>();

    Admitted(String type, String name) {
      this.name = name;
      List<Window> windows =
          regions.getOrDefault(type, List.of()).stream().map(Window::of).toList();
      Transport transport = Objects.requireNonNull(transports.get(type));
      Endpoint endpoint = Objects.requireNonNull(endpoints.get(type));
      grant = transport
          .grant(new GrantTerms(windows, Set.of(Right.WRITE), settings.lifetime(), 0), this);
      grants.add(grant);
      answer = new Answer(here, endpoint.metadata(), grant.metadata());
    }

    @Override
    public Answer answer() {
      return answer;
    }

    @Override
    public CompletionStage<?> gone() {
      return gone;
    }

    @Override
    public void ended(End end) {
      gone.complete(end);
    }

    @Override
    public void turnAway() {
      grants.remove(grant);
      var _ = grant.revoke();
    }

    @Override
    public void notified(Peer peer, byte[] message) {
      try {
        KvArrival arrival = Told.decode(name, message);
        arrivals.arrived(arrival);
      } catch (IllegalArgumentException e) {
        TransportCommunicator.LOG
            .log(Level.WARNING, "{0} told what is not understood: {1}", name, e.getMessage());
      }
    }

    @Override
    public void lost(Peer peer, PagodaException cause) {
      TransportCommunicator.LOG.log(
          Level.INFO, "{0} writes no more until it connects again: {1}", name, cause.getMessage());
      turnAway();
    }
  }

  @Override
  public void close() {
    rendezvous.close();
    endpoints.values().forEach(Endpoint::close);
    grants.forEach(Grant::close);
  }
}
