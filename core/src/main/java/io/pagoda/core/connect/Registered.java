package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.spi.transport.Region;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Memory that the transport moves itself.
 *
 * @param descriptors which
 * @param regions of each
 */
record Registered(List<Descriptor> descriptors, List<Region> regions) implements Local {
  private static final CompletionStage<?> DONE = CompletableFuture.completedStage(null);

  @Override
  public CompletionStage<?> open() {
    return DONE;
  }

  @Override
  public int region(int stretch) {
    return stretch;
  }

  @Override
  public long offset(int stretch) {
    return 0;
  }

  @Override
  public List<MemorySegment> memory() {
    return descriptors.stream().map(Sums::memory).toList();
  }

  @Override
  public OptionalInt differing(int[] expected) {
    return Sums.differing(memory(), expected);
  }

  @Override
  public CompletionStage<?> land() {
    return DONE;
  }

  @Override
  public String waiting() {
    return "it had not begun";
  }

  @Override
  public CompletionStage<?> close() {
    regions.forEach(Region::close);
    return DONE;
  }
}
