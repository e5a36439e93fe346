package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Capabilities.Limits;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import io.pagoda.spi.transport.TransportUse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One-sided reads and writes over sockets. */
final class TcpTransport implements Transport, Home {
  static final Logger LOG = System.getLogger("io.pagoda.transport.tcp");
  static final int MAX_WINDOWS = 65_536;
  static final int MAX_BATCH = 1 << 24;

  private final TcpSettings settings;
  private final String name;
  private final UUID generation = UUID.randomUUID();
  private final Backend.Choice choice;
  private final List<Loop> loops;
  private final Regions regions = new Regions();
  private final Census census = new Census();
  private final Grants grants;
  private final Set<TcpLink> links = ConcurrentHashMap.newKeySet();
  private final List<TcpEndpoint> endpoints = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private boolean closed;

  private TcpTransport(TcpSettings settings, String name, Backend.Choice choice, List<Loop> loops) {
    this.settings = settings;
    this.name = name;
    this.choice = choice;
    this.loops = loops;
    grants = new Grants(
        generation, regions, loops.getFirst().timers(), settings.times().fence(),
        InstantSource.system());
  }

  static TcpTransport open(TcpSettings settings, String name) {
    Backend.Choice choice = settings.backend().choose();
    LOG.log(
        Logger.Level.INFO, "The transport {0} moves bytes by {1}{2}", name, choice.backend().word(),
        choice.why().isEmpty() ? "" : ": " + choice.why());
    List<Loop> loops = new ArrayList<>();
    try {
      for (int i = 0; i < settings.threads(); i++) {
        loops.add(choice.backend().open("tcp-" + name + "-" + i, settings.times().spin()));
      }
    } catch (IOException e) {
      loops.forEach(Loop::stop);
      throw new PagodaException(
          Fault.PERMANENT, "The transport %s cannot wait for sockets".formatted(name), e);
    }
    return new TcpTransport(settings, name, choice, List.copyOf(loops));
  }

  @Override
  public TcpSettings settings() {
    return settings;
  }

  @Override
  public Census census() {
    return census;
  }

  @Override
  public Grants grants() {
    return grants;
  }

  @Override
  public String name() {
    return name;
  }

  Regions regions() {
    return regions;
  }

  Loop nextLoop() {
    return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
  }

  @Override
  public String type() {
    return "tcp";
  }

  @Override
  public UUID generation() {
    return generation;
  }

  @Override
  public Capabilities capabilities() {
    Set<Feature> offered = EnumSet.noneOf(Feature.class);
    Map<Feature, String> missing = new EnumMap<>(Feature.class);
    missing.put(Feature.DEVICE_MEMORY, "sockets read and write host memory");
    missing.put(Feature.REMOTE_DMA, "the peer's kernel copies every byte");
    offer(
        settings.tls().isPresent(), Feature.ENCRYPTED,
        "tls.enabled = false: bytes travel as they are", offered, missing);
    offer(
        settings.checksums(), Feature.CHECKED, "checksums = false: TCP's own is all", offered,
        missing);
    offer(
        identified(), Feature.AUTHENTICATED,
        "no secret-file is set, nor does tls verify both sides", offered, missing);
    offer(
        settings.connections() > 1, Feature.STRIPED, "connections = 1: a link is one", offered,
        missing);
    Availability availability =
        choice.why().isEmpty() ? Availability.READY : new Availability.Limited(choice.why());
    return new Capabilities(
        availability, offered, missing,
        new Limits(MAX_BATCH, Long.MAX_VALUE, MAX_WINDOWS, Frame.MAX_MESSAGE_BYTES));
  }

  private boolean identified() {
    return settings.secret().isPresent() || settings.tls().filter(Tls::verifyPeer).isPresent();
  }

  private static void offer(
      boolean offers, Feature feature, String why, Set<Feature> offered,
      Map<Feature, String> missing) {
    if (offers) {
      offered.add(feature);
    } else {
      missing.put(feature, why);
    }
  }

  /**
   * {@return how the bytes of a link go}
   *
   * @param identity whom the peer's certificate is for; empty if that is not known
   */
  Road road(int connections, String identity) {
    String with = identity.isEmpty() ? "" : " with " + identity;
    return new Road(
        "tcp",
        "%d connection%s, %s%s, %s".formatted(
            connections, connections == 1 ? "" : "s", choice.backend().word(),
            settings.tls().isPresent()
                ? ", tls 1.3%s (every byte is copied to encrypt it)".formatted(with)
                : "",
            settings.checksums() ? "checksums" : "no checksums"),
        choice.why());
  }

  @Override
  public Region register(MemorySegment memory, MemoryPlace place) {
    checkOpen();
    return regions.register(memory, place);
  }

  @Override
  public Grant grant(GrantTerms terms, GrantListener listener) {
    checkOpen();
    return grants.open(terms, listener);
  }

  @Override
  public Endpoint listen() {
    checkOpen();
    checkMayWait("listen");
    TcpEndpoint endpoint = new TcpEndpoint(this, nextLoop());
    synchronized (this) {
      if (!closed) {
        endpoints.add(endpoint);
        return endpoint;
      }
    }
    var _ = endpoint.shut();
    throw closedAlready();
  }

  @Override
  public Link connect(PeerMetadata peer, Duration deadline) {
    checkOpen();
    checkMayWait("connect");
    if (!peer.transport().equals("tcp")) {
      throw new IllegalArgumentException("This peer speaks " + peer.transport() + ", not tcp");
    }
    InetSocketAddress address = Addresses.parse(peer.address(), "of " + peer.name());
    TcpLink link = new TcpLink(this, peer);
    synchronized (this) {
      checkOpen();
      links.add(link);
      census.link(1);
    }
    byte[] hello = new Handshake.Hello(
        Frame.VERSION, settings.secret().isPresent(), UUID.randomUUID(), settings.connections(),
        generation, peer.generation(), name).encode();
    for (int i = 0; i < settings.connections(); i++) {
      Loop loop = nextLoop();
      link.connecting(
          loop.connect(
              address, Grants.nanos(deadline), new Connecting(link, loop, hello, address)));
    }
    return await(link, deadline);
  }

  /** Gives a link its connections. */
  private record Connecting(
      TcpLink link, Loop loop, byte[] hello, InetSocketAddress address) implements Loop.Connected {
    @Override
    public void wire(Wire plain) {
      Wire wire = link.home()
          .settings()
          .tls()
          .<Wire>map(tls -> new TlsWire(plain, loop, tls.connecting(address), link.home().census()))
          .orElse(plain);
      link.add(new ClientConnection(link, loop, wire, hello));
    }

    @Override
    public void failed(IOException why) {
      link.missing(
          new TransportException(
              Why.UNREACHABLE, Fault.TRANSIENT,
              "No connection to %s: %s".formatted(link.subject(), why.getMessage()), why));
    }
  }

  private static TcpLink await(TcpLink link, Duration deadline) {
    try {
      return link.opened().get(Grants.nanos(deadline), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      PagodaException why = link.cause();
      throw again(why);
    } catch (TimeoutException e) {
      link.fail(new PagodaException(Fault.TRANSIENT, "Nobody waits for it any more"));
      throw new TransportException(
          Why.UNREACHABLE, Fault.TRANSIENT,
          "%s did not answer within %d ms. Is it running, and reachable from here?"
              .formatted(link.subject(), deadline.toMillis()),
          e);
    } catch (InterruptedException e) {
      link.fail(new PagodaException(Fault.TRANSIENT, "Nobody waits for it any more"));
      Thread.currentThread().interrupt();
      throw new PagodaException(
          Fault.TRANSIENT, "Interrupted while connecting to " + link.subject(), e);
    }
  }

  /** {@return the same, as this thread throws it} */
  private static PagodaException again(PagodaException why) {
    String message = String.valueOf(why.getMessage());
    return why instanceof TransportException known
        ? new TransportException(known.why(), why.fault(), message, why)
        : new PagodaException(why.fault(), message, why);
  }

  void forget(TcpLink link) {
    if (links.remove(link)) {
      census.link(-1);
    }
  }

  @Override
  public TransportUse use() {
    return new TransportUse(
        regions.size(), grants.size(), census.links(), census.transfers(), census.bufferBytes());
  }

  private synchronized void checkOpen() {
    if (closed) {
      throw closedAlready();
    }
  }

  private IllegalStateException closedAlready() {
    return new IllegalStateException("The transport %s was closed".formatted(name));
  }

  /** Refuses to let a loop wait for itself. */
  void checkMayWait(String what) {
    if (loops.stream().anyMatch(Loop::here)) {
      throw new IllegalStateException(
          "A thread of the transport cannot wait, so it cannot %s: do it in another"
              .formatted(what));
    }
  }

  @Override
  public void close() {
    checkMayWait("close it");
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    PagodaException why = new TransportException(
        Why.LOST, Fault.PERMANENT, "The transport %s was closed here".formatted(name));
    all(links.stream().map(link -> link.shut(why)));
    CompletableFuture<Void> granted = grants.close();
    all(endpoints.stream().map(TcpEndpoint::shut));
    granted.join();
    regions.closeAll();
    loops.forEach(Loop::stop);
  }

  private static void all(Stream<CompletableFuture<Void>> ends) {
    CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)).join();
  }
}
