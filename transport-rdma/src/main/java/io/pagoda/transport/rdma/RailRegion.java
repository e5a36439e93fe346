package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Region;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Memory that is registered with several devices.
 *
 * @param parts the region of each
 */
record RailRegion(List<RdmaRegion> parts) implements Region {
  /** {@return the one that is of {@code regions}} */
  Optional<RdmaRegion> of(Regions regions) {
    return parts.stream().filter(part -> part.isOf(regions)).findFirst();
  }

  @Override
  public MemorySegment memory() {
    return parts.getFirst().memory();
  }

  @Override
  public MemoryPlace place() {
    return parts.getFirst().place();
  }

  @Override
  public void close() {
    parts.forEach(RdmaRegion::close);
  }

  @Override
  public CompletionStage<Void> released() {
    return CompletableFuture
        .allOf(
            parts.stream()
                .map(part -> part.released().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new))
        .minimalCompletionStage();
  }

  @Override
  public String toString() {
    return parts.getFirst().toString();
  }
}
