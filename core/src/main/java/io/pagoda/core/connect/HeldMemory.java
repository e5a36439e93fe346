package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.Registration;
import io.pagoda.spi.transport.Region;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Memory that stays registered.
 *
 * @param descriptor which
 * @param regions of every transport that can move it; none if it is staged
 * @param closed completes when it was given up
 */
record HeldMemory(
    Descriptor descriptor, List<Region> regions,
    CompletableFuture<@Nullable Void> closed) implements Registration {
  HeldMemory(Descriptor descriptor, List<Region> regions) {
    this(descriptor, regions, new CompletableFuture<>());
  }

  @Override
  public void close() {
    regions.forEach(Region::close);
    closed.complete(null);
  }

  @Override
  public CompletionStage<?> released() {
    CompletableFuture<?> released = CompletableFuture.allOf(
        regions.stream()
            .map(region -> region.released().toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
    return closed.thenCompose(_ -> released).minimalCompletionStage();
  }
}
