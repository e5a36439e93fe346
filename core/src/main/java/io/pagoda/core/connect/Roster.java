package io.pagoda.core.connect;

import io.pagoda.Operation;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** The operations of a connector that have not settled. */
final class Roster {
  private final Set<Operation> operations = ConcurrentHashMap.newKeySet();
  private final Set<CompletionStage<?>> tellings = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Takes an operation, which then begins: whoever closes waits for it from now on. */
  synchronized <O extends Operation> O enter(O operation) {
    checkOpen();
    operations.add(operation);
    return operation;
  }

  void leave(Operation operation) {
    operations.remove(operation);
  }

  /** Takes something that a peer is being told: the connector stays open until it has heard. */
  void await(CompletionStage<?> telling) {
    tellings.add(telling);
    var _ = telling.thenRun(() -> tellings.remove(telling));
  }

  void checkOpen() {
    if (closed) {
      throw closed();
    }
  }

  /** As {@link #checkOpen()}, when something has failed, perhaps because of that. */
  void checkOpen(Throwable failure) {
    if (closed) {
      IllegalStateException why = closed();
      why.addSuppressed(failure);
      throw why;
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("The connector was closed");
  }

  int size() {
    return operations.size();
  }

  /** Cancels all and waits until they have settled; returns whether it was not closed before. */
  boolean close() {
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
    }
    await(List.copyOf(operations).stream().map(Operation::cancel).toList());
    await(List.copyOf(tellings));
    return true;
  }

  private static void await(List<? extends CompletionStage<?>> stages) {
    CompletableFuture
        .allOf(
            stages.stream()
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }
}
