package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.RdmaCmId;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listening identifier, and those who came through it. */
final class RdmaEndpoint implements Endpoint {
  private static final int BACKLOG = 128;

  private final RdmaTransport transport;
  private final RdmaCmId id;
  private final PeerMetadata metadata;
  private final Set<Guest> guests = ConcurrentHashMap.newKeySet();
  private final Seldom refused = new Seldom();
  private boolean taking;
  private boolean closed;

  RdmaEndpoint(RdmaTransport transport) {
    this.transport = transport;
    Device device = transport.device();
    try {
      id = device.id();
    } catch (IOException e) {
      throw refused(e);
    }
    try {
      metadata = listens(device);
    } catch (IOException e) {
      transport.events().end(id);
      throw refused(e);
    } catch (RuntimeException e) {
      transport.events().end(id);
      throw e;
    }
  }

  private PagodaException refused(IOException e) {
    return new PagodaException(
        Fault.PERMANENT,
        "The transport %s cannot listen at %s: %s. Set `listen` to port 0 for any free one"
            .formatted(transport.name(), transport.device().address(), e.getMessage()),
        e);
  }

  private PeerMetadata listens(Device device) throws IOException {
    transport.events().listen(id, this::event);
    device.cm().bindAddr(id, device.address());
    device.cm().listen(id, BACKLOG);
    InetSocketAddress bound = (InetSocketAddress) device.cm().getSrcAddr(id);
    return new PeerMetadata(
        RdmaTransport.TYPE, transport.name(), transport.generation(),
        Addresses.advertised(transport.settings(), bound),
        device.mtu() == 0 ? Map.of() : Map.of(Mtu.PROPERTY, Integer.toString(device.mtu())));
  }

  private void event(int event, int status, @Nullable RdmaCmId request) {
    if (request == null) {
      transport.failed("An endpoint: " + ConnectionEvents.text(event, status));
      return;
    }
    try {
      take(request);
    } catch (IOException e) {
      refused(() -> "A connection was not taken: " + e.getMessage());
      transport.events().end(request);
    }
  }

  private void take(RdmaCmId request) throws IOException {
    synchronized (this) {
      if (closed) {
        throw new IOException("the endpoint is closed");
      }
      taking = true;
    }
    try {
      admit(request);
    } finally {
      synchronized (this) {
        taking = false;
      }
    }
  }

  private void admit(RdmaCmId request) throws IOException {
    int tag = transport.completions().tag();
    if (tag < 0) {
      throw new IOException("max-connections are there already");
    }
    Guest guest = new Guest(transport, this, request, tag);
    guests.add(guest);
    transport.events().listen(request, (event, status, _) -> guest.event(event, status));
    if (!transport.completions().add(guest.queue())) {
      guest.broken(new PagodaException(Fault.TRANSIENT, "Its number was taken meanwhile"));
      return;
    }
    try {
      transport.device().accept(request);
    } catch (IOException e) {
      guest.broken(new PagodaException(Fault.TRANSIENT, "It cannot be accepted: " + e, e));
    }
    if (transport.closing()) {
      guest.broken(closing());
    }
  }

  /** {@return where a peer is, for people} */
  String addressOf(RdmaCmId guest) {
    try {
      return String.valueOf(transport.device().cm().getDstAddr(guest));
    } catch (IOException e) {
      return "an unknown address";
    }
  }

  /** Says that somebody was refused, though not each time if that happens often. */
  void refused(Supplier<String> what) {
    refused.log(Level.WARNING, what);
  }

  /** {@return the member that has this ticket, for those who come behind it} */
  Optional<Guest> holder(byte[] ticket) {
    return guests.stream().filter(one -> one.gave(ticket)).findFirst();
  }

  /** {@return those who are connected by it} */
  Set<Guest> guests() {
    return Set.copyOf(guests);
  }

  void gone(Guest guest) {
    guests.remove(guest);
  }

  /** {@return whether it is closed, and so are all who came through it} */
  synchronized boolean over() {
    return closed && !taking && guests.isEmpty();
  }

  @Override
  public PeerMetadata metadata() {
    return metadata;
  }

  private PagodaException closing() {
    return new TransportException(
        Why.LOST, Fault.PERMANENT, "The transport %s was closed".formatted(transport.name()));
  }

  /** Closes all connections, too: when this returns, nothing touches any memory for them. */
  void shut() {
    close();
    List.copyOf(guests).forEach(guest -> guest.broken(closing()));
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    transport.events().end(id);
  }
}
