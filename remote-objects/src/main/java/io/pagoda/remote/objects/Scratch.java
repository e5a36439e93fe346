package io.pagoda.remote.objects;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of native memory of one size, used again and again.
 *
 * <p><b>Threads.</b> Any.
 */
final class Scratch implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private final long bytes;

  /** Begins with none. */
  Scratch(long bytes) {
    this.bytes = bytes;
  }

  /** {@return bytes of a piece} */
  long bytes() {
    return bytes;
  }

  /** Lends a piece; what is in it is undefined. */
  synchronized MemorySegment take() {
    @Nullable MemorySegment piece = free.poll();
    return piece == null ? arena.allocate(bytes, 64) : piece;
  }

  /** Takes a piece back. */
  synchronized void give(MemorySegment piece) {
    free.push(piece);
  }

  /** Releases all pieces; none is lent. */
  @Override
  public void close() {
    arena.close();
  }
}
