package io.pagoda.core;

import io.pagoda.BlockKeys;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.run.Conductor;
import io.pagoda.core.run.SharedTiers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Looks for what other machines have stored of a prefix, before it is matched.
 *
 * <p><b>Threads.</b> {@link #seek} is called by callers, and waits.
 */
final class Discovery {
  private static final CompletableFuture<Void> NOTHING = CompletableFuture.completedFuture(null);

  private final Conductor conductor;
  private final BlockIndex index;
  private final SharedTiers shared;
  private final Duration patience;
  private final BooleanSupplier idle;

  /**
   * Creates one.
   *
   * @param conductor whose tasks look
   * @param index what is known here
   * @param shared where to look further
   * @param patience how long a caller waits
   * @param idle asked by tasks whether nothing may be found now
   */
  Discovery(
      Conductor conductor, BlockIndex index, SharedTiers shared, Duration patience,
      BooleanSupplier idle) {
    this.conductor = conductor;
    this.index = index;
    this.shared = shared;
    this.patience = patience;
    this.idle = idle;
  }

  /** Waits for what shared tiers have of a prefix, if it is not known as a whole. */
  void seek(BlockKeys keys) {
    if (shared.any() && keys.size() > 0) {
      CompletableFuture<Void> sought = conductor.call(() -> sought(keys));
      if (!conductor.telling()) { // who tells news keeps others waiting
        await(sought);
      }
    }
  }

  private CompletableFuture<Void> sought(BlockKeys keys) {
    int[] entries = new int[keys.size()];
    int known = idle.getAsBoolean() ? keys.size() : index.match(keys, entries);
    if (known == keys.size()) {
      return NOTHING;
    }
    return shared.find(keys, known, known == 0 ? 0 : index.depth(entries[known - 1]) + 1);
  }

  private void await(CompletableFuture<Void> sought) {
    try {
      sought.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // what comes later is found by a later match
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A look-up always ends well", e);
    }
  }
}
