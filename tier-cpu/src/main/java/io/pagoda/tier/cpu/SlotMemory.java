package io.pagoda.tier.cpu;

import io.pagoda.ByteSize;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The memory that a tier's slots are, mapped once and unmapped once. It starts at the beginning of
 * a page, of a huge one where it has such pages.
 */
final class SlotMemory implements AutoCloseable {
  private static final Path ROOT = Path.of("/");

  /** What transparent huge pages are aligned to, on x86 and with 4 KiB pages on Arm. */
  private static final long TRANSPARENT_BYTES = 2 << 20;

  private final Arena arena;
  private final MemorySegment segment;

  private SlotMemory(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /**
   * Maps the memory of a tier.
   *
   * @param name the tier's name, for messages
   * @throws PagodaException if there is not as much, or not of that kind; nothing is left mapped
   */
  static SlotMemory of(CpuSettings settings, String name) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment segment = settings.hugePages() == HugePages.EXPLICIT
          ? setAside(settings.bytes(), name, arena)
          : ordinary(settings, name, arena);
      if (settings.preTouch()) {
        PreTouch.of(segment, name);
      }
      return new SlotMemory(arena, segment.asSlice(0, settings.bytes()));
    } catch (RuntimeException refused) {
      arena.close();
      throw refused;
    }
  }

  private static MemorySegment setAside(long bytes, String name, Arena arena) {
    long page = MemoryLimit.hugePageBytes(ROOT);
    long pages = Math.ceilDiv(bytes, page);
    try {
      return LibcNative.map(pages * page, true, arena);
    } catch (LibcNative.Failure failure) {
      throw refused(
          """
              Tier %s needs %d huge pages of %s (huge-pages = explicit), and so many are not \
              free: %s. Write %d or more to /proc/sys/vm/nr_hugepages before it opens, or set \
              huge-pages = auto"""
              .formatted(name, pages, new ByteSize(page), failure.getMessage(), pages));
    }
  }

  private static MemorySegment ordinary(CpuSettings settings, String name, Arena arena) {
    long bytes = settings.bytes();
    MemoryLimit.of(ROOT).ifPresent(limit -> check(bytes, limit, name));
    try {
      MemorySegment mapped = LibcNative.map(bytes + TRANSPARENT_BYTES, false, arena);
      MemorySegment aligned = mapped.asSlice(-mapped.address() & (TRANSPARENT_BYTES - 1), bytes);
      advise(aligned, settings.hugePages(), name);
      return aligned;
    } catch (LibcNative.Failure failure) {
      throw refused(
          """
              Tier %s cannot have %s of memory: %s. \
              Lower its capacity or blocks, or raise the process's limits"""
              .formatted(name, new ByteSize(bytes), failure.getMessage()));
    }
  }

  /** Refuses what a limit does not allow. */
  static void check(long bytes, MemoryLimit limit, String name) {
    if (bytes > limit.bytes()) {
      throw refused(
          """
              Tier %s asks for %s of memory (%d bytes), and only %s (%d bytes) are available: %s. \
              Lower its capacity or blocks""".formatted(
              name, new ByteSize(bytes), bytes, new ByteSize(limit.bytes()), limit.bytes(),
              limit.source()));
    }
  }

  private static PagodaException refused(String why) {
    return new PagodaException(Fault.PERMANENT, why);
  }

  private static void advise(MemorySegment memory, HugePages pages, String name) {
    int advice = pages == HugePages.OFF ? LibcNative.MADV_NOHUGEPAGE : LibcNative.MADV_HUGEPAGE;
    try {
      LibcNative.advise(memory, advice);
    } catch (LibcNative.Failure failure) {
      // A kernel without transparent huge pages knows neither advice: who insists on them minds.
      if (pages == HugePages.TRANSPARENT || failure.errno() != LibcNative.EINVAL) {
        throw refused(
            "Tier %s cannot have transparent huge pages: %s. Set huge-pages = auto or off"
                .formatted(name, failure.getMessage()));
      }
    }
  }

  MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    arena.close();
  }
}
