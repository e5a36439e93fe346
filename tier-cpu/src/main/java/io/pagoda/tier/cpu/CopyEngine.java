package io.pagoda.tier.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Copies memory by whichever way is the fastest for its size. Measured on cold memory with {@code
 * pagoda bench copy}; docs/adr has the figures.
 *
 * <p>HotSpot's own copy enters no native code, which makes it the fastest for small ranges. From
 * 2.5 MiB on, on processors with AVX-512, it writes past the caches, which makes it up to a half
 * faster than C. Between the two C's {@code memcpy} is a tenth faster.
 */
final class CopyEngine {
  /** From here on the way into native code is paid for. */
  static final long NATIVE_FROM_BYTES = 8 << 10;

  /** From here on HotSpot writes past the caches. */
  static final long STREAMED_FROM_BYTES = 2_560 << 10;

  private CopyEngine() {}

  static void copy(
      MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long bytes) {
    if (bytes >= NATIVE_FROM_BYTES
        && bytes < STREAMED_FROM_BYTES
        && from.isNative()
        && to.isNative()) {
      LibcNative.copy(from.asSlice(fromOffset, bytes), to.asSlice(toOffset, bytes), bytes);
    } else {
      MemorySegment.copy(from, fromOffset, to, toOffset, bytes);
    }
  }
}
