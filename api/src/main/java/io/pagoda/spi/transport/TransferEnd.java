package io.pagoda.spi.transport;

import io.pagoda.PagodaException;
import java.util.Optional;

/** How a batch ended. Unless it completed, every byte of its targets is undefined. */
public sealed interface TransferEnd {
  /**
   * Every range has arrived, and the peer has heard the notification, if there was one.
   *
   * @param bytes how many were moved
   */
  record Completed(long bytes) implements TransferEnd {}

  /**
   * It failed.
   *
   * @param cause why: transient if the same may succeed over another link; a {@link
   *     TransportException} if programs can tell
   */
  record Failed(PagodaException cause) implements TransferEnd {}

  /** It was cancelled before it had ended. */
  record Cancelled() implements TransferEnd {}

  /**
   * Its deadline passed before.
   *
   * @param cause what it waited for
   */
  record Expired(PagodaException cause) implements TransferEnd {}

  /** {@return whether every range has arrived} */
  default boolean completed() {
    return this instanceof Completed;
  }

  /** {@return why not, if it failed or expired} */
  default Optional<PagodaException> failure() {
    return switch (this) {
      case Failed failed -> Optional.of(failed.cause());
      case Expired expired -> Optional.of(expired.cause());
      case Completed _,Cancelled _ -> Optional.empty();
    };
  }
}
