package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.RdmaCmId;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How a queue pair comes to be connected, from an address to where both sides can speak. */
final class Dial {
  private final RdmaTransport transport;
  private final Caller caller;
  private final int peerMtu;
  private final RdmaCmId id;
  private final int millis;
  private volatile @Nullable Queue queue;
  private boolean ended;

  /** Whose queue pair it is to be. */
  interface Caller extends Queue.Owner {
    /** Both sides can speak. */
    void established();

    /** {@return whether it was used already: what happens then is a loss, and no failed attempt} */
    boolean opened();
  }

  /**
   * Prepares it.
   *
   * @param peerMtu of the peer's port, in bytes; 0 if it is not known
   * @param deadline for each step that the network takes
   */
  Dial(RdmaTransport transport, Caller caller, int peerMtu, Duration deadline) throws IOException {
    this.transport = transport;
    this.caller = caller;
    this.peerMtu = peerMtu;
    millis = (int) Math.max(1, Math.min(Integer.MAX_VALUE, deadline.toMillis()));
    id = transport.device().id();
  }

  /** Begins to connect. */
  void connect(InetSocketAddress to) throws IOException {
    InetSocketAddress from = new InetSocketAddress(transport.device().address().getAddress(), 0);
    synchronized (this) { // which, once it has ended, is no identifier any more
      if (ended) {
        throw new IOException("it was given up");
      }
      transport.events().listen(id, (event, status, _) -> event(event, status));
      transport.device().cm().resolveAddr(id, from, to, millis);
    }
  }

  @Nullable
  Queue queue() {
    return queue;
  }

  private void event(int event, int status) {
    try {
      switch (event) {
        case ConnectionEvents.ADDRESS -> route();
        case ConnectionEvents.ROUTE -> begin();
        case ConnectionEvents.ESTABLISHED -> {
          checkPath();
          caller.established();
        }
        default -> {
          String what = transport.happened(event, status);
          TransportException cause = caller.opened()
              ? new TransportException(
                  Why.LOST, Fault.TRANSIENT, "Lost %s: %s".formatted(caller.subject(), what))
              : unreachable(what, null);
          transport.completions().whenEmpty(() -> caller.broken(cause));
        }
      }
    } catch (IOException e) {
      caller.broken(unreachable(String.valueOf(e.getMessage()), e));
    } catch (PagodaException e) {
      caller.broken(e);
    }
  }

  private void checkPath() throws IOException {
    Queue made = queue;
    if (made != null) {
      transport.device().checkPath(made);
    }
  }

  private TransportException unreachable(String what, @Nullable IOException cause) {
    return new TransportException(
        Why.UNREACHABLE, Fault.TRANSIENT,
        "No RDMA connection to %s: %s".formatted(caller.subject(), what), cause);
  }

  /** Finds the way, of packets that are no longer than both ports take. */
  private void route() throws IOException {
    if (!transport.device().shorten(id, peerMtu)) {
      transport.device().cm().resolveRoute(id, millis);
    }
  }

  private void begin() throws IOException {
    int tag = transport.completions().tag();
    if (tag < 0) {
      throw new IOException("max-connections are there already");
    }
    Queue made = new Queue(transport.device(), id, tag, transport.settings(), caller);
    boolean kept;
    synchronized (this) { // who ends it later takes its number back
      kept = !ended && transport.completions().add(made);
      if (kept) {
        queue = made;
        transport.census().buffer(Slots.BYTES);
      }
    }
    if (!kept) {
      made.destroy();
      throw new IOException("it was given up");
    }
    made.connect();
  }

  /** Ends it, and the queue pair: when this returns, the device touches nothing for it any more. */
  void end() {
    Queue made;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      made = queue;
    }
    if (made != null) {
      made.destroy();
      transport.completions().remove(made);
      transport.census().buffer(-Slots.BYTES);
    }
    transport.events().end(id);
  }
}
