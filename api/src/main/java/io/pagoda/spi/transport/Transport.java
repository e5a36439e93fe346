package io.pagoda.spi.transport;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Set;

/**
 * Moves bytes between registered memory here and registered memory of a peer, one-sided: the peer's
 * program takes no part in a transfer.
 *
 * <p><b>Threads.</b> Every method may be called from any thread. {@link #post} does not block.
 *
 * <p><b>Memory.</b> A transfer touches only ranges inside registered regions. A region that is
 * closed while transfers use it is released when the last of them has ended.
 *
 * <p><b>Failures.</b> A handle completes exactly once, at the latest at its deadline. What cannot
 * be connected or registered throws {@link io.pagoda.PagodaException} with the reason and the
 * remedy; misuse throws {@link IllegalArgumentException} or {@link IllegalStateException}.
 */
public interface Transport extends AutoCloseable {
  /** {@return what this transport can do on this machine} */
  Capabilities capabilities();

  /**
   * Makes memory known to the transport.
   *
   * @param memory native, alive until the region is closed
   */
  Region register(MemorySegment memory);

  /**
   * Starts to serve peers.
   *
   * @param exported what peers may be granted
   * @return the serving side, whose metadata peers need to connect
   */
  Endpoint listen(Set<Region> exported);

  /**
   * Connects to a peer.
   *
   * @param peer what the peer's {@link Endpoint#metadata} said
   * @param deadline how long it may take
   */
  Link connect(PeerMetadata peer, Duration deadline);

  /**
   * Starts a batch of reads or writes.
   *
   * @param link the peer, from this transport
   * @param batch which ranges
   * @param deadline how long it may take
   */
  TransferHandle post(Link link, RemoteBatch batch, Duration deadline);

  /** Ends every link and transfer, then releases every resource; a second call does nothing. */
  @Override
  void close();
}
