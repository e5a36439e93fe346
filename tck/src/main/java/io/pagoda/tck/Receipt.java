package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** The completion of one batch: waits for it, and counts how often it came. */
final class Receipt implements Completion {
  private final String batch;
  private final Runnable inspection;
  private final AtomicInteger calls = new AtomicInteger();
  private final CompletableFuture<BatchResult> result = new CompletableFuture<>();

  /**
   * Creates a receipt.
   *
   * @param batch what it is for
   * @param inspection runs inside the completion: what holds must hold from then on, not later
   */
  Receipt(String batch, Runnable inspection) {
    this.batch = batch;
    this.inspection = inspection;
  }

  @Override
  public void complete(BatchResult ended) {
    if (calls.incrementAndGet() > 1) {
      return;
    }
    try {
      inspection.run();
      result.complete(ended);
    } catch (Throwable wrong) {
      result.completeExceptionally(wrong);
    }
  }

  /** Waits until the batch has ended, and fails unless every block was moved. */
  void arrives(Duration patience) {
    switch (result(patience)) {
      case BatchResult.Complete _ -> {}
      case BatchResult.Partial partial -> broke("missed " + partial.missed(), partial.cause());
      case BatchResult.Failed failed -> broke("failed", failed.cause());
    }
  }

  private void broke(String how, PagodaException cause) {
    fail(batch + " " + how, cause);
  }

  private BatchResult result(Duration patience) {
    return await(result, batch, patience);
  }

  /** Checks, when no completion can come any more, how many came. */
  void completed(int times) {
    assertEquals(times, calls.get(), () -> "completions of " + batch);
  }

  /** {@return the result of {@code stage}, or a failed test when it takes too long} */
  static <T> T await(CompletableFuture<T> stage, String what, Duration patience) {
    try {
      return stage.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(what + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError(what + " has not ended after " + patience, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(what + " was interrupted", e);
    }
  }
}
