package io.pagoda.tier.cpu;

import java.io.Serial;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The calls of the C library that map, advise and copy memory. Numbers are those of Linux. */
@SuppressWarnings("restricted")
final class LibcNative {
  /** The kernel does not know the request. */
  static final int EINVAL = 22;

  static final int MADV_HUGEPAGE = 14;
  static final int MADV_NOHUGEPAGE = 15;
  static final int MADV_POPULATE_WRITE = 23;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MAP_HUGETLB = 0x40000;
  private static final long MAP_FAILED = -1;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  private static final MethodHandle MMAP =
      withErrno("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
  private static final MethodHandle MUNMAP =
      withErrno("munmap", FunctionDescriptor.of(INT, LONG, LONG));
  private static final MethodHandle MADVISE =
      withErrno("madvise", FunctionDescriptor.of(INT, LONG, LONG, INT));
  private static final MethodHandle MEMCPY =
      bind("memcpy", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, LONG));

  private LibcNative() {}

  private static MethodHandle withErrno(String name, FunctionDescriptor function) {
    return bind(name, function, Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle bind(
      String name, FunctionDescriptor function, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), function, options);
  }

  /** A call that failed. It stays within the module: a cause of this class would keep it loaded. */
  static final class Failure extends Exception {
    @Serial private static final long serialVersionUID = 1;

    /** What C calls {@code errno}. */
    private final int errno;

    Failure(String call, int errno) {
      super(call + " failed with errno " + errno);
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }

  /**
   * Maps memory of zeros, which is unmapped when the arena closes.
   *
   * @param huge whether it is made of huge pages that were set aside
   */
  static MemorySegment map(long bytes, boolean huge, Arena arena) throws Failure {
    int flags = huge ? MAP_PRIVATE_ANONYMOUS | MAP_HUGETLB : MAP_PRIVATE_ANONYMOUS;
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      long at = (long) MMAP.invokeExact(state, 0L, bytes, PROT_READ_WRITE, flags, -1, 0L);
      if (at == MAP_FAILED) {
        throw new Failure("mmap of " + bytes + " bytes", (int) ERRNO.get(state, 0L));
      }
      return MemorySegment.ofAddress(at).reinterpret(bytes, arena, LibcNative::unmap);
    } catch (Throwable thrown) {
      throw passed(thrown);
    }
  }

  private static void unmap(MemorySegment mapped) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      int failed = (int) MUNMAP.invokeExact(state, mapped.address(), mapped.byteSize());
      if (failed != 0) {
        throw new IllegalStateException("munmap failed: errno " + (int) ERRNO.get(state, 0L));
      }
    } catch (Throwable thrown) {
      throw unchecked(thrown);
    }
  }

  /** Tells the kernel how memory will be used, or to bring it into being. */
  static void advise(MemorySegment memory, int advice) throws Failure {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      int failed = (int) MADVISE.invokeExact(state, memory.address(), memory.byteSize(), advice);
      if (failed != 0) {
        throw new Failure("madvise " + advice, (int) ERRNO.get(state, 0L));
      }
    } catch (Throwable thrown) {
      throw passed(thrown);
    }
  }

  /** Copies native memory as C does. Unlike a copy by the JVM, it never delays a safepoint. */
  static void copy(MemorySegment from, MemorySegment to, long bytes) {
    try {
      MemorySegment _ = (MemorySegment) MEMCPY.invokeExact(to, from, bytes);
    } catch (Throwable thrown) {
      throw unchecked(thrown);
    }
  }

  private static RuntimeException passed(Throwable thrown) throws Failure {
    if (thrown instanceof Failure failure) {
      throw failure;
    }
    return unchecked(thrown);
  }

  private static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      return exception;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    throw new AssertionError("C functions throw nothing", thrown);
  }
}
