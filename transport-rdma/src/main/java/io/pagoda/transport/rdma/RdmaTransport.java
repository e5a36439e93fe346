package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Capabilities.Limits;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import io.pagoda.spi.transport.TransportUse;
import io.pagoda.transport.rdma.Handshake.Greeting;
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
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** One-sided reads and writes by an RDMA device. */
final class RdmaTransport implements Transport {
  static final Logger LOG = System.getLogger("io.pagoda.transport.rdma");
  static final String TYPE = "rdma";
  static final int MAX_WINDOWS = 65_536;
  static final int MAX_BATCH = 1 << 24;
  private static final long FLUSH_NANOS = Duration.ofSeconds(1).toNanos();

  private final RdmaSettings settings;
  private final String name;
  private final UUID generation;
  private final Device device;
  private final String deviceName;
  private final Completions completions;
  private final ConnectionEvents events;
  private final Timers timers;
  private final Regions regions;
  private final Census census = new Census();
  private final Grants grants;
  private final Parties parties;
  private final Set<RdmaLink> links = ConcurrentHashMap.newKeySet();
  private final List<RdmaEndpoint> endpoints = new ArrayList<>();
  private volatile boolean removed;
  private volatile boolean closed;

  /** Moves bytes by a device that is open, and which it closes. */
  RdmaTransport(
      RdmaSettings settings, String name, UUID generation, Device device, String deviceName,
      Parties parties) {
    this.settings = settings;
    this.name = name;
    this.generation = generation;
    this.device = device;
    this.deviceName = deviceName;
    this.parties = parties;
    completions =
        new Completions(device, name, settings.maxConnections(), settings.times().spin().toNanos());
    events = new ConnectionEvents(device, name);
    timers = new Timers(name);
    regions = new Regions(device, device.gpus(), settings);
    grants = new Grants(
        generation, regions, timers, settings.times().fence().toNanos(), InstantSource.system());
    events.listen(device.home(), (event, _, _) -> hears(event));
    completions.start();
    events.start();
  }

  static RdmaTransport open(RdmaSettings settings, String name) {
    return open(settings, name, settings.provider()::gpus);
  }

  /** Opens one that reaches memory of GPUs by a given way. */
  static RdmaTransport open(RdmaSettings settings, String name, Supplier<GpuWay> gpus) {
    RdmaPort port = RdmaPorts.choose(settings).getFirst();
    return open(settings, name, port, UUID.randomUUID(), gpus.get(), new Parties());
  }

  /**
   * Opens one that uses a given device.
   *
   * @param generation which others may have, too, that are one with it to peers
   * @param parties of all of these
   */
  static RdmaTransport open(
      RdmaSettings settings, String name, RdmaPort port, UUID generation, GpuWay gpus,
      Parties parties) {
    Device device = Device.open(settings, port, gpus);
    LOG.log(
        Logger.Level.INFO, "The transport {0} moves bytes by the RDMA device {1}", name,
        port.device());
    return new RdmaTransport(settings, name, generation, device, port.device(), parties);
  }

  RdmaSettings settings() {
    return settings;
  }

  Device device() {
    return device;
  }

  Completions completions() {
    return completions;
  }

  ConnectionEvents events() {
    return events;
  }

  Timers timers() {
    return timers;
  }

  Census census() {
    return census;
  }

  Grants grants() {
    return grants;
  }

  Regions regions() {
    return regions;
  }

  Parties parties() {
    return parties;
  }

  String name() {
    return name;
  }

  boolean closing() {
    return closed;
  }

  /** {@return what has happened to a connection: the rest follows from a device that is gone} */
  String happened(int event, int status) {
    return removed
        ? ConnectionEvents.text(ConnectionEvents.REMOVED, 0)
        : ConnectionEvents.text(event, status);
  }

  /** The device itself is told of: each link hears of it by itself. */
  private void hears(int event) {
    if (event == ConnectionEvents.REMOVED) {
      removed = true;
      failed(removedDevice());
    }
  }

  /** {@return what this side says of itself to who is expected to be of {@code other}} */
  Greeting greeting(UUID other, Optional<UUID> link) {
    return new Greeting(
        Handshake.VERSION, settings.secret().isPresent(), Message.SLOT_BYTES, generation, other,
        name, link);
  }

  /** Ends what is flushed, if the connection manager does not say in time why it is. */
  void breakLater(Runnable broken) {
    var _ = timers.in(FLUSH_NANOS, broken);
  }

  void failed(String what) {
    LOG.log(Logger.Level.WARNING, "The transport {0}: {1}", name, what);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public UUID generation() {
    return generation;
  }

  @Override
  public Capabilities capabilities() {
    Set<Feature> offered = EnumSet.of(Feature.REMOTE_DMA);
    Map<Feature, String> missing = new EnumMap<>(Feature.class);
    if (device.gpus() instanceof GpuWay.None none) {
      missing.put(Feature.DEVICE_MEMORY, none.why());
    } else {
      offered.add(Feature.DEVICE_MEMORY);
    }
    missing.put(Feature.ENCRYPTED, "RDMA devices send bytes as they are");
    missing.put(Feature.CHECKED, "the checksums of the wire are all");
    if (settings.queuePairs() > 1) {
      offered.add(Feature.STRIPED);
    } else {
      missing.put(Feature.STRIPED, "a link is one queue pair: set queue-pairs");
    }
    if (settings.secret().isPresent()) {
      offered.add(Feature.AUTHENTICATED);
    } else {
      missing.put(Feature.AUTHENTICATED, "no secret-file is set");
    }
    Availability availability =
        removed ? new Availability.Unavailable(removedDevice()) : Availability.READY;
    return new Capabilities(
        availability, offered, missing,
        new Limits(MAX_BATCH, Long.MAX_VALUE, MAX_WINDOWS, Message.MAX_TOLD_BYTES));
  }

  /** {@return how the bytes of a link go, whose first queue pair is connected} */
  Road road(Queue queue) {
    String detail;
    try {
      detail = device.describe(queue);
    } catch (IOException e) {
      detail = deviceName + ", which does not say how: " + e.getMessage();
    }
    String instead = device.gpus() instanceof GpuWay.None none && none.gpu()
        ? "memory of GPUs " + none.text()
        : "";
    return new Road(TYPE, detail, instead);
  }

  @Override
  public RdmaRegion register(MemorySegment memory, MemoryPlace place) {
    checkOpen();
    return regions.register(memory, place);
  }

  @Override
  public Grant grant(GrantTerms terms, GrantListener listener) {
    checkOpen();
    return grants.open(terms, listener);
  }

  /** Opens one of several devices' grants that are one to peers. */
  RdmaGrant grant(GrantTerms terms, GrantListener listener, byte[] token, Tally tally) {
    checkOpen();
    return grants.open(terms, listener, token, tally);
  }

  @Override
  public RdmaEndpoint listen() {
    checkOpen();
    checkMayWait("listen");
    RdmaEndpoint endpoint = new RdmaEndpoint(this);
    synchronized (this) {
      if (!closed) {
        endpoints.removeIf(RdmaEndpoint::over);
        endpoints.add(endpoint);
        return endpoint;
      }
    }
    endpoint.shut();
    throw closedAlready();
  }

  @Override
  public Link connect(PeerMetadata peer, Duration deadline) {
    return connect(peer, Optional.empty(), deadline);
  }

  /** Makes one connection of a link by several devices. */
  RdmaLink connect(PeerMetadata peer, UUID of, Duration deadline) {
    return connect(peer, Optional.of(of), deadline);
  }

  private RdmaLink connect(PeerMetadata peer, Optional<UUID> of, Duration deadline) {
    checkOpen();
    checkMayWait("connect");
    if (!peer.transport().equals(TYPE)) {
      throw new IllegalArgumentException("This peer speaks " + peer.transport() + ", not rdma");
    }
    InetSocketAddress address = Addresses.parse(peer.address(), "of " + peer.name());
    RdmaLink link;
    try {
      link = new RdmaLink(this, peer, of, address, deadline);
    } catch (IOException e) {
      throw new PagodaException(Fault.TRANSIENT, "No RDMA connection can be made: " + e, e);
    }
    synchronized (this) {
      checkOpen();
      links.add(link);
      census.link(1);
    }
    try {
      link.connect();
    } catch (IOException e) {
      link.broken(
          new TransportException(
              Why.UNREACHABLE, Fault.TRANSIENT,
              "No RDMA connection to %s: %s".formatted(link.subject(), e.getMessage()), e));
    }
    return await(link, deadline);
  }

  private static RdmaLink await(RdmaLink link, Duration deadline) {
    try {
      return link.opening().get(Timers.nanos(deadline), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw again(link.cause());
    } catch (TimeoutException e) {
      link.broken(new PagodaException(Fault.TRANSIENT, "Nobody waits for it any more"));
      throw new TransportException(
          Why.UNREACHABLE, Fault.TRANSIENT,
          "%s did not answer within %d ms. Is it running, and reachable from here?"
              .formatted(link.subject(), deadline.toMillis()),
          e);
    } catch (InterruptedException e) {
      link.broken(new PagodaException(Fault.TRANSIENT, "Nobody waits for it any more"));
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

  void forget(RdmaLink link) {
    if (links.remove(link)) {
      census.link(-1);
    }
  }

  @Override
  public TransportUse use() {
    return new TransportUse(
        regions.size(), grants.size(), census.links(), census.transfers(), census.bufferBytes());
  }

  private void checkOpen() {
    if (closed) {
      throw closedAlready();
    }
    if (removed) {
      throw new PagodaException(Fault.TRANSIENT, removedDevice());
    }
  }

  private String removedDevice() {
    return "The RDMA device %s was removed from this machine: when it is there again, open the"
        .formatted(deviceName) + " transport anew";
  }

  private IllegalStateException closedAlready() {
    return new IllegalStateException("The transport %s was closed".formatted(name));
  }

  /** Refuses to let a thread of the transport wait for itself. */
  void checkMayWait(String what) {
    if (completions.here() || events.here() || timers.here()) {
      throw new IllegalStateException(
          "A thread of the transport cannot wait, so it cannot %s: do it in another"
              .formatted(what));
    }
  }

  @Override
  public void close() {
    checkMayWait("close it");
    if (stop()) {
      closeDevice();
    }
  }

  /** Closes the device of one that has stopped, and which no other's threads use either. */
  void closeDevice() {
    device.close();
  }

  /**
   * Ends all but the device; when this returns, no thread of its own runs.
   *
   * @return whether it had not been done before
   */
  boolean stop() {
    List<RdmaEndpoint> serving;
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
      serving = List.copyOf(endpoints);
    }
    PagodaException why = new TransportException(
        Why.LOST, Fault.PERMANENT, "The transport %s was closed here".formatted(name));
    List.copyOf(links).forEach(link -> link.shut(why));
    CompletableFuture<Void> granted = grants.close();
    serving.forEach(RdmaEndpoint::shut);
    granted.join();
    regions.closeAll();
    timers.close();
    events.stop();
    completions.stop();
    return true;
  }
}
