package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Matrix products of cuBLAS: what an inference engine computes with. */
@SuppressWarnings("restricted")
final class CublasNative {
  private static final int PLAIN = 0;
  private static final int BF16 = 14;
  private static final int IN_FP32 = 68;
  private static final int ANY_ALGORITHM = -1;

  private final SymbolLookup library;
  private final MethodHandle product;
  private final long handle;
  private final MemorySegment one;
  private final MemorySegment zero;

  /** Opens the library for a stream of the calling thread's context. */
  CublasNative(Path path, long stream, Arena arena) throws Throwable {
    this.library = SymbolLookup.libraryLookup(path, arena);
    this.product = bind(
        "cublasGemmEx", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS,
        JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT,
        JAVA_INT, JAVA_INT, JAVA_INT);
    this.one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);
    this.zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0);
    MemorySegment created = arena.allocate(JAVA_LONG);
    check((int) bind("cublasCreate_v2", ADDRESS).invokeExact(created), "cublasCreate");
    this.handle = created.get(JAVA_LONG, 0);
    check(
        (int) bind("cublasSetStream_v2", JAVA_LONG, JAVA_LONG).invokeExact(handle, stream),
        "cublasSetStream");
  }

  private MethodHandle bind(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /** Multiplies square matrices of bf16. */
  void multiply(int side, long left, long right, long product) throws Throwable {
    check(
        (int) this.product.invokeExact(
            handle, PLAIN, PLAIN, side, side, side, one, left, BF16, side, right, BF16, side, zero,
            product, BF16, side, IN_FP32, ANY_ALGORITHM),
        "cublasGemmEx");
  }

  private static void check(int status, String call) {
    if (status != 0) {
      throw new IllegalStateException("%s failed: %d".formatted(call, status));
    }
  }
}
