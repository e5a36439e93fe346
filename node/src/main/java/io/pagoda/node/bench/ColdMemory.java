package io.pagoda.node.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory is more than the caches hold. */
final class ColdMemory {
  private static final Path LAST_CACHE = Path.of("/sys/devices/system/cpu/cpu0/cache/index3/size");
  private static final long LEAST_BYTES = 512 << 20;
  private static final long STEP_BYTES = 64 << 20;

  private ColdMemory() {}

  /** {@return bytes that are more than twice the largest cache; a multiple of 64 MiB} */
  static long leastBytes() {
    long bytes = Math.max(LEAST_BYTES, lastCacheBytes() * 5 / 2);
    return Math.ceilDiv(bytes, STEP_BYTES) * STEP_BYTES;
  }

  /** {@return the size of the largest cache; 0 where the kernel does not tell} */
  private static long lastCacheBytes() {
    try {
      String size = Files.isReadable(LAST_CACHE) ? Files.readString(LAST_CACHE).strip() : "";
      boolean told = size.matches("\\d+K");
      return told ? Long.parseLong(size.substring(0, size.length() - 1)) << 10 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + LAST_CACHE, e);
    }
  }
}
