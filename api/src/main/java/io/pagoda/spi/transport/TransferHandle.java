package io.pagoda.spi.transport;

import java.util.concurrent.CompletionStage;

/**
 * A batch on its way. It ends exactly once, and how does not change.
 *
 * <p><b>Threads.</b> Safe for use by many threads. Stages complete in the transport's threads: what
 * depends on them returns soon and does not block.
 */
public interface TransferHandle {
  /** {@return completes when the batch has ended, at the latest at its deadline} */
  CompletionStage<TransferEnd> ended();

  /**
   * {@return completes after {@link #ended}, when nothing touches the local ranges any more, nor,
   * for this batch, the peer's. If the link broke, what of the peer's memory was on its way there
   * is the peer's to fence, by revoking its grant}
   */
  CompletionStage<Void> quiet();

  /**
   * Asks the batch to end, if it has not. One that has moved everything may still complete.
   *
   * @return {@link #quiet}
   */
  CompletionStage<Void> cancel();

  /** {@return how its bytes go} */
  Road path();
}
