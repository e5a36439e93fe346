package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import io.pagoda.spi.transport.TransportUse;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One transport by several RDMA devices, its rails: memory is registered with all of them, a grant
 * is good on all of them, a link has a connection by each, and each batch goes by one of them.
 */
final class RailTransport implements Transport {
  private final UUID generation;
  private final String name;
  private final List<RdmaTransport> rails;
  private final RailChoice choice;
  private final Set<RailLink> links = ConcurrentHashMap.newKeySet();

  /** Joins devices that are open, with one generation and one {@link Parties}. */
  RailTransport(String name, UUID generation, List<RdmaTransport> rails, List<String> devices) {
    this.name = name;
    this.generation = generation;
    this.rails = rails;
    choice = new RailChoice(devices, PciDistance.ofThisMachine());
  }

  /** Opens the devices that are set, all or none. */
  static RailTransport open(RdmaSettings settings, String name) {
    List<RdmaPort> ports = RdmaPorts.choose(settings);
    UUID generation = UUID.randomUUID();
    Parties parties = new Parties();
    GpuWay gpus = settings.provider().gpus();
    List<RdmaTransport> opened = new ArrayList<>();
    try {
      for (RdmaPort port : ports) {
        opened.add(RdmaTransport.open(settings, name, port, generation, gpus, parties));
      }
    } catch (RuntimeException e) {
      opened.forEach(RdmaTransport::close);
      throw e;
    }
    return new RailTransport(
        name, generation, List.copyOf(opened), ports.stream().map(RdmaPort::device).toList());
  }

  @Override
  public String type() {
    return RdmaTransport.TYPE;
  }

  @Override
  public UUID generation() {
    return generation;
  }

  /** {@return what all of them can} */
  @Override
  public Capabilities capabilities() {
    Availability available = Availability.READY;
    Set<Feature> offered = EnumSet.allOf(Feature.class);
    Map<Feature, String> missing = new EnumMap<>(Feature.class);
    for (RdmaTransport rail : rails) {
      Capabilities one = rail.capabilities();
      available = available.equals(Availability.READY) ? one.availability() : available;
      offered.retainAll(one.features());
      one.missing().forEach(missing::putIfAbsent);
    }
    return new Capabilities(available, offered, missing, rails.getFirst().capabilities().limits());
  }

  @Override
  public Region register(MemorySegment memory, MemoryPlace place) {
    List<RdmaRegion> parts = new ArrayList<>();
    try {
      for (RdmaTransport rail : rails) {
        parts.add(rail.register(memory, place));
      }
      return new RailRegion(List.copyOf(parts));
    } catch (RuntimeException e) {
      parts.forEach(RdmaRegion::close);
      throw e;
    }
  }

  @Override
  public Grant grant(GrantTerms terms, GrantListener listener) {
    byte[] token = Handshake.random(GrantMetadata.TOKEN_BYTES);
    Tally tally = new Tally(terms.uses());
    RailEars ears = new RailEars(listener, rails.size());
    List<RdmaGrant> parts = new ArrayList<>();
    try {
      for (RdmaTransport rail : rails) {
        parts.add(rail.grant(terms, ears, token, tally));
      }
      return new RailGrant(List.copyOf(parts));
    } catch (RuntimeException e) {
      ears.mute();
      parts.forEach(RdmaGrant::close);
      throw e;
    }
  }

  @Override
  public Endpoint listen() {
    List<RdmaEndpoint> parts = new ArrayList<>();
    try {
      for (RdmaTransport rail : rails) {
        parts.add(rail.listen());
      }
      return new RailEndpoint(List.copyOf(parts));
    } catch (RuntimeException e) {
      parts.forEach(RdmaEndpoint::close);
      throw e;
    }
  }

  /**
   * Connects each device here to the one of the same place there, of as many as both sides have:
   * networks may be separate for each place.
   */
  @Override
  public Link connect(PeerMetadata peer, Duration deadline) {
    checkMayWait("connect");
    List<PeerMetadata> ways = RailEndpoint.ways(peer);
    UUID link = UUID.randomUUID();
    long end = System.nanoTime() + Timers.nanos(deadline);
    List<RdmaLink> parts = new ArrayList<>();
    try {
      for (int at = 0; at < Math.min(rails.size(), ways.size()); at++) {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        parts.add(rails.get(at).connect(ways.get(at), link, left));
      }
    } catch (RuntimeException e) {
      parts.forEach(
          part -> part.broken(
              new PagodaException(Fault.TRANSIENT, "Another device cannot be connected", e)));
      throw e;
    }
    RailLink made = new RailLink(List.copyOf(parts), choice, this::checkMayWait);
    links.add(made);
    var _ = made.lost().thenAccept(_ -> links.remove(made));
    return made;
  }

  /** {@return what is held: memory and grants once, whatever the number of devices} */
  @Override
  public TransportUse use() {
    TransportUse first = rails.getFirst().use();
    int open = 0;
    int transfers = 0;
    long bytes = 0;
    for (RdmaTransport rail : rails) {
      TransportUse one = rail.use();
      open += one.links();
      transfers += one.transfers();
      bytes += one.bufferBytes();
    }
    return new TransportUse(first.registrations(), first.grants(), open, transfers, bytes);
  }

  private void checkMayWait(String what) {
    rails.forEach(rail -> rail.checkMayWait(what));
  }

  @Override
  public void close() {
    checkMayWait("close it");
    PagodaException why = new TransportException(
        Why.LOST, Fault.PERMANENT, "The transport %s was closed here".formatted(name));
    List.copyOf(links).forEach(link -> link.shut(why));
    // A thread of each may still end what another's device moves: that is open until all have.
    List<RdmaTransport> stopped = rails.stream().filter(RdmaTransport::stop).toList();
    stopped.forEach(RdmaTransport::closeDevice);
  }
}
