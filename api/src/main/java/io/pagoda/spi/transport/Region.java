package io.pagoda.spi.transport;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletionStage;

/**
 * Memory registered with a transport. Regions of the same memory share one registration, which is
 * released when the last of them is closed and no transfer and no grant uses it any more.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 *
 * <p><b>Memory.</b> Belongs to the caller, who keeps it alive until {@link #released} completes.
 *
 * <p><b>Failures.</b> A closed region is refused by {@link Link#post} and {@link Transport#grant}
 * with {@link IllegalStateException}.
 */
public interface Region extends AutoCloseable {
  /** {@return the memory} */
  MemorySegment memory();

  /** {@return where the memory is} */
  MemoryPlace place();

  /**
   * Withdraws the region: nothing new uses it, and what runs goes on. A second call does nothing.
   */
  @Override
  void close();

  /**
   * {@return completes when this region is closed and no transfer and no grant that was given it
   * uses it any more: its memory may then be freed}
   */
  CompletionStage<Void> released();
}
