package io.pagoda.core.pool;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import java.util.BitSet;

/** How batches ended that are one to whoever asked for them. */
public final class Results {
  private Results() {}

  /** {@return what two batches of the same blocks moved of them together} */
  public static BatchResult both(BatchResult one, BatchResult other) {
    if (one instanceof BatchResult.Partial a && other instanceof BatchResult.Partial b) {
      BitSet missed = (BitSet) a.missed().clone();
      missed.or(b.missed());
      return new BatchResult.Partial(missed, a.cause());
    }
    boolean otherIsWorse =
        one instanceof BatchResult.Complete || other instanceof BatchResult.Failed;
    return otherIsWorse ? other : one;
  }

  /** {@return that nothing moved, because of what was thrown} */
  public static BatchResult failed(String message, Throwable cause) {
    Fault fault = cause instanceof PagodaException known ? known.fault() : Fault.PERMANENT;
    return new BatchResult.Failed(new PagodaException(fault, message, cause));
  }
}
