package io.pagoda;

import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Pushes KV blocks from workers that prefill into the memory of workers that decode, layer by layer
 * as they are computed, each block to the place that the scheduler has given it there.
 *
 * {@snippet :
 * decoder.address();                                        // told to the prefill worker
 * prefiller.connect(address);
 * prefiller.write(address, KvWrite.ofLayer(3, here, there)); // returns when all bytes are there
 * }
 *
 * <p>Both sides may be of different tensor-parallel sizes: each pair of ranks moves what both hold.
 * Blocks that follow each other on both sides move together.
 *
 * <p><b>Threads.</b> Safe for use by many threads. {@link #connect}, {@link #write} and {@link
 * #close} block.
 *
 * <p><b>Memory.</b> The part's memory is registered while the communicator is open; a peer that is
 * connected may write all of it, until its connection is lost or the communicator is closed.
 *
 * <p><b>Failures.</b> A write that does not arrive ends as {@link TransferEnd.Failed} or {@link
 * TransferEnd.Expired}, with the reason; the blocks it was of are then undefined at the peer.
 * Misuse throws {@link IllegalArgumentException}.
 */
public interface KvCommunicator extends AutoCloseable {
  /** {@return what it does} */
  KvRole role();

  /** {@return where workers that prefill connect to; empty if it prefills itself} */
  Optional<InetSocketAddress> address();

  /**
   * Connects to a worker that decodes, and agrees on shapes; does nothing if it is connected.
   *
   * @param peer its {@link #address}
   * @throws PagodaException if it cannot be reached or does not let this one in, or if what both
   *     hold has nothing in common
   */
  void connect(InetSocketAddress peer);

  /** {@return whether it is connected to a worker} */
  boolean isConnected(InetSocketAddress peer);

  /** {@return how bytes go to a worker, and why not a better way; empty if it is not connected} */
  Optional<Road> path(InetSocketAddress peer);

  /**
   * Begins to write blocks into a worker's memory.
   *
   * @param peer a worker that is connected
   * @param what which blocks, which must not change until it has ended
   * @return completes when all bytes are there and the peer was told, or why not
   * @throws IndexOutOfBoundsException if there is no such block or layer here or there
   */
  CompletionStage<TransferEnd> writeAsync(InetSocketAddress peer, KvWrite what);

  /** As {@link #writeAsync}, and waits for the end. */
  default TransferEnd write(InetSocketAddress peer, KvWrite what) {
    return writeAsync(peer, what).toCompletableFuture().join();
  }

  /**
   * Ends what runs, and the connections, and returns when nothing touches the part's memory any
   * more; a second call does nothing.
   */
  @Override
  void close();
}
