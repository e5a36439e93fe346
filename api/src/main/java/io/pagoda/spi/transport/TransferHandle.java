package io.pagoda.spi.transport;

import io.pagoda.PagodaException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A batch on its way. It ends exactly once. */
public interface TransferHandle {
  /** {@return completes when the batch has ended: empty if every range arrived, else why not} */
  CompletionStage<Optional<PagodaException>> ended();

  /**
   * Asks the batch to end.
   *
   * @return completes when nothing touches local memory any more
   */
  CompletionStage<Void> cancel();
}
