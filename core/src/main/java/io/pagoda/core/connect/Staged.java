package io.pagoda.core.connect;

import io.pagoda.spi.transport.Region;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/**
 * Memory of devices that passes through host memory.
 *
 * @param stage where
 * @param whole what the transport knows that by
 * @param leaves whether bytes go from here to the peer
 */
record Staged(Stage stage, Region whole, boolean leaves) implements Local {
  @Override
  public CompletionStage<?> open() {
    return stage.open(leaves);
  }

  @Override
  public List<Region> regions() {
    return List.of(whole);
  }

  @Override
  public int region(int stretch) {
    return 0;
  }

  @Override
  public long offset(int stretch) {
    return stage.place(stretch);
  }

  @Override
  public List<MemorySegment> memory() {
    return stage.memory();
  }

  @Override
  public OptionalInt differing(int[] expected) {
    return stage.differing(expected);
  }

  @Override
  public CompletionStage<?> land() {
    return stage.land();
  }

  @Override
  public String waiting() {
    return stage.waiting();
  }

  @Override
  public CompletionStage<?> close() {
    return stage.close();
  }
}
