package io.pagoda.core.communicate;

import io.pagoda.Fault;
import io.pagoda.KvArrivals;
import io.pagoda.KvCommunicator;
import io.pagoda.KvRole;
import io.pagoda.KvShard;
import io.pagoda.KvWrite;
import io.pagoda.PagodaException;
import io.pagoda.PoolPart;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.Transport;
import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A communicator over transports, which are their owner's to close, afterwards. */
public final class TransportCommunicator implements KvCommunicator {
  static final Logger LOG = System.getLogger(TransportCommunicator.class.getPackageName());

  private final CommunicatorSettings settings;
  private final Secret secret;
  private final Geometry here;
  private final Map<String, Transport> transports = new LinkedHashMap<>();
  private final Map<String, List<Region>> regions = new HashMap<>();
  private final Map<InetSocketAddress, Target> targets = new ConcurrentHashMap<>();
  private final Optional<Reception> reception;
  private boolean closed;

  /**
   * Creates a communicator; one that decodes takes connections from then on.
   *
   * @param settings how it is set
   * @param transports preferred first, at least one
   * @param part the engine's memory: what this rank holds
   * @param shard what of every block that is
   * @param arrivals told of what peers have written
   */
  public TransportCommunicator(
      CommunicatorSettings settings, List<Transport> transports, PoolPart part, KvShard shard,
      KvArrivals arrivals) {
    this.settings = settings;
    this.secret = new Secret(settings.secret());
    var placement = new Placement(part.spec(), part.memory().size());
    this.here = new Geometry(settings.model(), placement, shard);
    for (Transport transport : transports) {
      this.transports.put(transport.type(), transport);
    }
    try {
      transports.forEach(transport -> regions.put(transport.type(), register(transport, part)));
      this.reception = settings.role() == KvRole.DECODE
          ? Optional.of(new Reception(settings, secret, here, this.transports, regions, arrivals))
          : Optional.empty();
    } catch (RuntimeException e) {
      release();
      throw e;
    }
  }

  private static List<Region> register(Transport transport, PoolPart part) {
    MemoryPlace place =
        part.device().isEmpty() ? MemoryPlace.HOST : new MemoryPlace.OfDevice(part.device());
    List<Region> regions = new ArrayList<>();
    try {
      for (MemorySegment segment : part.memory()) {
        regions.add(transport.register(segment, place));
      }
      return regions;
    } catch (RuntimeException e) {
      regions.forEach(Region::close);
      throw e;
    }
  }

  @Override
  public KvRole role() {
    return settings.role();
  }

  @Override
  public Optional<InetSocketAddress> address() {
    return reception.map(Reception::address);
  }

  @Override
  public synchronized void connect(InetSocketAddress peer) {
    if (closed) {
      throw new IllegalStateException("The communicator was closed");
    }
    if (!isConnected(peer)) {
      targets.put(peer, target(peer));
    }
  }

  private Target target(InetSocketAddress peer) {
    var greeting = new Greeting(settings.name(), here, List.copyOf(transports.keySet()));
    Meeting meeting = Meeting.with(peer, greeting, secret, settings.connectTimeout());
    try {
      return target(meeting);
    } catch (IllegalArgumentException e) {
      meeting.close();
      throw new PagodaException(
          Fault.PERMANENT,
          "What the worker at %s says cannot be used: %s".formatted(peer, e.getMessage()), e);
    } catch (RuntimeException e) {
      meeting.close();
      throw e;
    }
  }

  private Target target(Meeting meeting) {
    Answer answer = meeting.answer();
    Overlap overlap = here.with(answer.geometry());
    Transport transport = transport(answer.peer().transport());
    Link link = transport.connect(answer.peer(), settings.connectTimeout());
    try {
      meeting.confirm();
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
    // Either end of it is the end of the other: the worker takes the right to write back.
    var _ = link.lost().thenRun(meeting::close);
    meeting.whenOver(link::close);
    return new Target(
        link, here, regions(transport), answer, overlap, transport.capabilities().limits(),
        settings.deadline());
  }

  private Transport transport(String type) {
    Transport transport = transports.get(type);
    if (transport == null) {
      throw new PagodaException(
          Fault.PERMANENT, "The worker answers with transport '%s', and here are %s"
              .formatted(type, transports.keySet()));
    }
    return transport;
  }

  private List<Region> regions(Transport transport) {
    return regions.getOrDefault(transport.type(), List.of());
  }

  @Override
  public boolean isConnected(InetSocketAddress peer) {
    return connected(peer).isPresent();
  }

  private Optional<Target> connected(InetSocketAddress peer) {
    return Optional.ofNullable(targets.get(peer)).filter(target -> target.link().alive());
  }

  @Override
  public Optional<Road> path(InetSocketAddress peer) {
    return connected(peer).map(target -> target.link().path());
  }

  @Override
  public CompletionStage<TransferEnd> writeAsync(InetSocketAddress peer, KvWrite what) {
    Target target = targets.get(peer);
    if (target == null) {
      throw new IllegalArgumentException("Not connected to %s: call connect".formatted(peer));
    }
    return target.write(what);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    release();
  }

  private void release() {
    targets.values().forEach(target -> target.link().close());
    if (reception != null) {
      reception.ifPresent(Reception::close);
    }
    List<Region> all = regions.values().stream().flatMap(List::stream).toList();
    all.forEach(Region::close);
    // What peers had begun to write may be under way until its grant is fenced.
    all.forEach(region -> region.released().toCompletableFuture().join());
  }
}
