package io.pagoda.spi.transport;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.UUID;

/**
 * Moves bytes between registered memory here and memory that a peer has granted, one-sided: the
 * peer's program takes no part in a transfer.
 *
 * <pre>
 * passive:  register, grant ── metadata of endpoint and grant ──► active:  connect, post
 * </pre>
 *
 * <p><b>Threads.</b> Every method may be called from any thread. None but {@link #connect}, {@link
 * #listen} and {@link #close} blocks; these must not be called by a listener or by what depends on
 * a stage.
 *
 * <p><b>Memory.</b> A transfer touches only ranges inside registered regions, and for a peer only
 * what a grant gives it. A region that is closed while something uses it is released when that has
 * ended. What a peer makes a transport keep for it is bounded.
 *
 * <p><b>Failures.</b> What cannot be connected, registered or listened at throws {@link
 * io.pagoda.PagodaException} with the reason and the remedy; misuse throws {@link
 * IllegalArgumentException} or, of something closed, {@link IllegalStateException}.
 */
public interface Transport extends AutoCloseable {
  /** {@return the type of this transport, as its provider says it} */
  String type();

  /** {@return which start of a transport this is: metadata of another start is refused} */
  UUID generation();

  /** {@return what this transport can do on this machine} */
  Capabilities capabilities();

  /**
   * Makes memory known to the transport. Memory that is registered already is registered once, and
   * counted.
   *
   * @param memory native, writable, at least 1 byte, alive until the region is {@linkplain
   *     Region#released released}, and usable by every thread
   * @param place where the memory is
   */
  Region register(MemorySegment memory, MemoryPlace place);

  /** As {@link #register(MemorySegment, MemoryPlace)}, for host memory. */
  default Region register(MemorySegment memory) {
    return register(memory, MemoryPlace.HOST);
  }

  /**
   * Opens memory to peers.
   *
   * @param terms what they may do where, and for how long; regions of this transport
   * @param listener told what happens
   */
  Grant grant(GrantTerms terms, GrantListener listener);

  /** Starts to serve peers, where the configuration says; a second call serves elsewhere too. */
  Endpoint listen();

  /**
   * Connects to a peer.
   *
   * @param peer what the peer's {@link Endpoint#metadata} said
   * @param deadline how long it may take
   */
  Link connect(PeerMetadata peer, Duration deadline);

  /** {@return what this transport holds} */
  TransportUse use();

  /**
   * Ends every link, transfer and grant, then releases every resource; a second call does nothing.
   */
  @Override
  void close();
}
