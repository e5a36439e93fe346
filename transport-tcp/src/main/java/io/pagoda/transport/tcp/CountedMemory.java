package io.pagoda.transport.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory that a census knows of, freed as a whole. Confined to one thread. */
final class CountedMemory implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Census census;
  private long bytes;

  CountedMemory(Census census) {
    this.census = census;
  }

  MemorySegment allocate(long size) {
    MemorySegment memory = arena.allocate(size);
    expect(size);
    return memory;
  }

  /** Counts what will soon be taken of {@link #arena}. */
  void expect(long size) {
    bytes += size;
    census.buffer(size);
  }

  /** {@return what else may live as long} */
  Arena arena() {
    return arena;
  }

  @Override
  public void close() {
    arena.close();
    census.buffer(-bytes);
    bytes = 0;
  }
}
