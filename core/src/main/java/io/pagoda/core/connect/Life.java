package io.pagoda.core.connect;

import io.pagoda.OperationEnd;
import io.pagoda.OperationState;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The states of an operation, of which it has each once at most, and the last for good. */
final class Life {
  private final Executor executor;
  private final CompletableFuture<OperationEnd> ended = new CompletableFuture<>();
  private final CompletableFuture<OperationEnd> settled = new CompletableFuture<>();
  private OperationState state = OperationState.INITIALIZED;
  private @Nullable OperationEnd end;

  /**
   * Creates it.
   *
   * @param executor runs what depends on the stages
   */
  Life(Executor executor) {
    this.executor = executor;
  }

  synchronized OperationState state() {
    return state;
  }

  /** {@return how it ended, if it has} */
  synchronized Optional<OperationEnd> end() {
    return Optional.ofNullable(end);
  }

  /** Bytes move from now on, unless it has ended. */
  synchronized void begin() {
    if (!state.terminal()) {
      state = OperationState.IN_PROGRESS;
    }
  }

  /** Ends it, and returns whether it had not ended before. */
  boolean end(OperationEnd how) {
    synchronized (this) {
      if (state.terminal()) {
        return false;
      }
      state = how.state();
      end = how;
    }
    executor.execute(() -> ended.complete(how));
    return true;
  }

  /** Has something done if it has not ended by then. */
  void unlessWithin(Duration left, Runnable late) {
    var _ =
        ended.copy().orTimeout(left.toNanos(), TimeUnit.NANOSECONDS).whenComplete((_, failure) -> {
          if (failure != null) { // none but that time is over
            executor.execute(late);
          }
        });
  }

  /** Nothing touches its memory any more. */
  void settle() {
    var _ = ended.thenAcceptAsync(settled::complete, executor);
  }

  CompletionStage<OperationEnd> ended() {
    return ended.minimalCompletionStage();
  }

  CompletionStage<OperationEnd> settled() {
    return settled.minimalCompletionStage();
  }

  /** {@return completes when it has settled: whether it was cancelled} */
  CompletionStage<Boolean> cancelled() {
    return settled().thenApply(how -> how.state() == OperationState.CANCELLED);
  }
}
