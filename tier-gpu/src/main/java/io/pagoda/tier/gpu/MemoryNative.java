package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Host memory as the hub's is: of huge pages where the kernel has them. */
@SuppressWarnings("restricted")
final class MemoryNative {
  private static final long HUGE_PAGE = 2 << 20;
  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_HUGEPAGE = 14;

  private static final MethodHandle MMAP =
      bind("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MUNMAP = bind("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MADVISE =
      bind("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  private MemoryNative() {}

  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  /** Maps memory of zeros, which begins with a huge page and is unmapped with the arena. */
  static MemorySegment map(long bytes, Arena arena) {
    long whole = bytes + HUGE_PAGE;
    try {
      long at = (long) MMAP.invokeExact(0L, whole, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (at == -1) {
        throw new OutOfMemoryError("mmap of " + whole + " bytes");
      }
      MemorySegment all =
          MemorySegment.ofAddress(at).reinterpret(whole, arena, MemoryNative::unmap);
      MemorySegment aligned = all.asSlice(-at & (HUGE_PAGE - 1), bytes);
      int _ = (int) MADVISE.invokeExact(aligned.address(), bytes, MADV_HUGEPAGE);
      return aligned;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("C functions throw nothing", e);
    }
  }

  private static void unmap(MemorySegment mapped) {
    try {
      int _ = (int) MUNMAP.invokeExact(mapped.address(), mapped.byteSize());
    } catch (Throwable e) {
      throw new AssertionError("C functions throw nothing", e);
    }
  }
}
