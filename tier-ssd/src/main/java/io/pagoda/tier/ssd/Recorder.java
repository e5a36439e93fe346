package io.pagoda.tier.ssd;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Who writes the records of a device's stores, and tells their callers.
 *
 * <p><b>Threads.</b> Any, but {@link #close}, after which nothing is asked.
 */
sealed interface Recorder extends AutoCloseable permits Scribe, Jotter {
  /** {@return whether it takes stores over at the cost of one when several come together} */
  boolean gathers();

  /** Takes over stores that have ended, and tells their callers when the records are written. */
  void add(List<Transfer> stores);

  /** Gives up the block in a slot. */
  void forget(int slot);

  /** Gives up every block; completes when that is durable. */
  CompletableFuture<Void> raise();

  /** Completes when all that was asked before is written, and on the device if that matters. */
  CompletableFuture<Void> fence();

  /** Does what was asked so far. An interrupt is kept for later. */
  @Override
  void close();
}
