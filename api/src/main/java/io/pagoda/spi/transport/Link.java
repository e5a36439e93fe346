package io.pagoda.spi.transport;

import io.pagoda.PagodaException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * A connection to one peer. It is watched: a peer that is not heard of for some seconds is lost,
 * and every batch on the link then ends.
 *
 * <p><b>Threads.</b> Safe for use by many threads; no method but {@link #close} blocks.
 *
 * <p><b>Memory.</b> From {@link #post} until {@link TransferHandle#quiet} the regions of a batch
 * are in use: closing them releases them afterwards. A transfer touches nothing outside its ranges.
 *
 * <p><b>Failures.</b> Once {@link #post} has returned, the batch ends exactly once, and whatever
 * goes wrong arrives there. It throws only for misuse, and has then moved nothing.
 */
public interface Link extends AutoCloseable {
  /** {@return who is on the other side} */
  Peer peer();

  /** {@return the road taken, and why not a better one} */
  Road path();

  /** {@return whether the link can still be used} */
  boolean alive();

  /**
   * {@return completes once, when the link can no longer be used, with the reason: that it was
   * closed, or how the peer was lost}
   */
  CompletionStage<PagodaException> lost();

  /**
   * Starts a batch of reads or writes. Ranges and batches move in no particular order, also those
   * of one link.
   *
   * @param batch which ranges; the same may be posted again, also before it has ended
   * @param deadline how long it may take, longer than zero
   * @throws IndexOutOfBoundsException if a range is not within its region and its window
   * @throws IllegalArgumentException if a region or the grant is of another transport, or there is
   *     more than {@link Capabilities.Limits} allow
   * @throws IllegalStateException if the link or a region was closed
   */
  TransferHandle post(RemoteBatch batch, Duration deadline);

  /**
   * Estimates what a batch would take if it were posted now.
   *
   * @param direction which way
   * @param ranges how many
   * @param bytes how many in all
   */
  CostEstimate estimate(RemoteBatch.Direction direction, int ranges, long bytes);

  /** Ends every batch of the link, then the link; a second call does nothing. */
  @Override
  void close();
}
