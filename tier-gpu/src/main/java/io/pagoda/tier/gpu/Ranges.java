package io.pagoda.tier.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Shows profilers what a stream carries, from when it is put in until it is done; shows nothing
 * where nobody can look.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class Ranges {
  private final Optional<NvtxNative> nvtx;
  private final Map<CopyPath, MemorySegment> names = new EnumMap<>(CopyPath.class);

  /**
   * Makes the names.
   *
   * @param nvtx what shows them, if anything
   * @param toDevice which way the stream goes
   * @param arena lasts longer than any range
   */
  Ranges(Optional<NvtxNative> nvtx, boolean toDevice, Arena arena) {
    this.nvtx = nvtx;
    for (CopyPath path : CopyPath.values()) {
      names.put(
          path, arena.allocateFrom("pagoda %s %s".formatted(path.word(), toDevice ? "in" : "out")));
    }
  }

  /** Shows that work has begun; returns the number of its range. */
  long start(CopyPath path) {
    return nvtx.map(shown -> shown.start(names.getOrDefault(path, MemorySegment.NULL))).orElse(0L);
  }

  /** Shows that it has ended. */
  void end(long range) {
    nvtx.ifPresent(shown -> shown.end(range));
  }
}
