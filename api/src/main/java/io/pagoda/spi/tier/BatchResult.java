package io.pagoda.spi.tier;

import io.pagoda.PagodaException;
import java.util.BitSet;

/** How a batch ended. */
// An interface without default methods is not initialised with its records: nothing to deadlock.
@SuppressWarnings("ClassInitializationDeadlock")
public sealed interface BatchResult {
  /** Every block was moved. */
  BatchResult COMPLETE = new Complete();

  /** Every block was moved. */
  record Complete() implements BatchResult {}

  /**
   * Some blocks were moved, or none was.
   *
   * @param missed the batch positions of those that were not, at least one; their destinations are
   *     undefined
   * @param cause why, for the first of them
   */
  record Partial(BitSet missed, PagodaException cause) implements BatchResult {
    /** Checks that something was missed. */
    public Partial {
      if (missed.isEmpty()) {
        throw new IllegalArgumentException("A partial result misses at least one block");
      }
    }
  }

  /**
   * No block was moved; every destination is undefined.
   *
   * @param cause why
   */
  record Failed(PagodaException cause) implements BatchResult {}

  /** {@return whether the block at batch position {@code index} was moved} */
  default boolean moved(int index) {
    return switch (this) {
      case Complete _ -> true;
      case Partial partial -> !partial.missed().get(index);
      case Failed _ -> false;
    };
  }
}
