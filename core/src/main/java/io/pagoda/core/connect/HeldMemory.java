package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.Registration;
import io.pagoda.spi.transport.Region;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Memory that stays registered.
 *
 * @param descriptor which
 * @param regions of every transport that can move it
 */
record HeldMemory(Descriptor descriptor, List<Region> regions) implements Registration {
  @Override
  public void close() {
    regions.forEach(Region::close);
  }

  @Override
  public CompletionStage<?> released() {
    return CompletableFuture
        .allOf(
            regions.stream()
                .map(region -> region.released().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new))
        .minimalCompletionStage();
  }
}
