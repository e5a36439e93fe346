package io.pagoda.core.pool;

import java.lang.foreign.MemorySegment;

/**
 * Copies a chunk by whichever way is the fastest for its size. docs/adr/0009 has the figures.
 *
 * <p>Ranges and lifetimes are checked for a batch, not for each chunk: {@link PoolMemory} does.
 * Where this module may not call native code, the JVM copies everything.
 */
final class ChunkCopy {
  /** From here on the way into native code is paid for. */
  static final long NATIVE_FROM_BYTES = 4 << 10;

  /** From here on HotSpot writes past the caches. */
  static final long STREAMED_FROM_BYTES = 2_560 << 10;

  private static final boolean ALLOWED = ChunkCopy.class.getModule().isNativeAccessEnabled();

  private ChunkCopy() {}

  static void copy(
      MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long bytes) {
    if (ALLOWED
        && bytes >= NATIVE_FROM_BYTES
        && bytes < STREAMED_FROM_BYTES
        && from.isNative()
        && to.isNative()) {
      CopyNative.copy(from.address() + fromOffset, to.address() + toOffset, bytes);
    } else {
      MemorySegment.copy(from, fromOffset, to, toOffset, bytes);
    }
  }
}
