package io.pagoda.core.connect;

import io.pagoda.Operation;
import io.pagoda.OperationEnd;
import io.pagoda.OperationKind;
import io.pagoda.OperationState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connector is closed while an operation is about to begin. */
class RosterTest {
  private static final int TIMES = 20_000;
  private static final long LONG_ENOUGH = 3_000_000_000L;

  /** Settles when it has begun, and was called off. */
  private record Late(CompletableFuture<Boolean> begun) implements Operation {
    @Override
    public OperationKind kind() {
      return OperationKind.READ;
    }

    @Override
    public OperationState state() {
      return OperationState.INITIALIZED;
    }

    @Override
    public CompletionStage<OperationEnd> ended() {
      return begun.thenApply(_ -> OperationEnd.cancelled());
    }

    @Override
    public CompletionStage<OperationEnd> settled() {
      return ended();
    }

    @Override
    public CompletionStage<Boolean> cancel() {
      return begun;
    }
  }

  private static void begin(Roster roster, Late operation) {
    try {
      roster.enter(operation);
    } catch (IllegalStateException _) { // it was closed before
      return;
    }
    operation.begun.complete(true);
  }

  /** Either it is refused, or it begins and is waited for; nothing else is. */
  @Test
  @Timeout(120)
  void whatIsNotRefusedBegins() throws Exception {
    long end = System.nanoTime() + LONG_ENOUGH;
    for (int i = 0; i < TIMES && System.nanoTime() < end; i++) {
      Roster roster = new Roster();
      Late late = new Late(new CompletableFuture<>());
      AtomicInteger ready = new AtomicInteger();
      var began = CompletableFuture.runAsync(() -> {
        together(ready);
        begin(roster, late);
      });
      var closed = CompletableFuture.runAsync(() -> {
        together(ready);
        roster.close();
      }, Thread::startVirtualThread);
      closed.get(10, TimeUnit.SECONDS);
      began.get(10, TimeUnit.SECONDS);
    }
  }

  private static void together(AtomicInteger ready) {
    ready.incrementAndGet();
    while (ready.get() < 2) {
      Thread.onSpinWait();
    }
  }
}
