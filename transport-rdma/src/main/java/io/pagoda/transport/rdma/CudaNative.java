package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** As much of CUDA's driver as makes a file of a GPU's memory, for other devices to reach it. */
@SuppressWarnings("restricted")
final class CudaNative implements GpuWay.Cuda {
  private static final FunctionDescriptor WORDS =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(WORDS);
  /** {@code CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED}. */
  static final int DMA_BUF_SUPPORTED = 124;
  /** {@code CU_POINTER_ATTRIBUTE_CONTEXT}. */
  static final int CONTEXT_OF = 1;
  /** {@code CU_POINTER_ATTRIBUTE_SYNC_MEMOPS}. */
  static final int SYNC_MEMOPS = 6;
  /** {@code CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL}. */
  static final int ORDINAL_OF = 9;
  /** {@code CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD}. */
  static final int DMA_BUF_FD = 1;

  private static final int NONE = -1;

  private final SymbolLookup driver;

  /**
   * What came of looking for a driver.
   *
   * @param driver with at least one GPU
   * @param missing why there is none
   */
  record Attempt(Optional<CudaNative> driver, String missing) {}

  /** Calls by what a library has. */
  CudaNative(SymbolLookup driver) {
    this.driver = driver;
  }

  static Attempt open() {
    SymbolLookup library;
    try {
      library = SymbolLookup.libraryLookup("libcuda.so.1", Arena.global())
          .or(Linker.nativeLinker().defaultLookup());
    } catch (IllegalArgumentException e) {
      return new Attempt(Optional.empty(), "no driver of a GPU is here: no libcuda.so.1");
    }
    CudaNative found = new CudaNative(library);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_INT);
      found.succeed("cuInit", 0, 0, 0, 0, 0);
      found.succeed("cuDeviceGetCount", count.address(), 0, 0, 0, 0);
      return count.get(JAVA_INT, 0) > 0
          ? new Attempt(Optional.of(found), "")
          : new Attempt(Optional.empty(), "CUDA's driver finds no GPU");
    } catch (IOException e) {
      return new Attempt(Optional.empty(), "CUDA's driver cannot be used: " + e.getMessage());
    }
  }

  /** {@return why the first GPU's memory cannot be made a file of, if it cannot} */
  Optional<String> exportsNothing() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT, 2);
      if (driver.find("cuMemGetHandleForAddressRange").isEmpty()) {
        return Optional.of("CUDA's driver is older than 11.7 and exports no memory");
      }
      succeed("cuDeviceGet", value.address() + Integer.BYTES, 0, 0, 0, 0);
      int device = value.getAtIndex(JAVA_INT, 1);
      succeed("cuDeviceGetAttribute", value.address(), DMA_BUF_SUPPORTED, device, 0, 0);
      return value.get(JAVA_INT, 0) != 0
          ? Optional.empty()
          : Optional.of("the driver or the kernel exports no memory of GPUs (dma-buf)");
    } catch (IOException e) {
      return Optional.of("CUDA does not say whether it exports memory: " + e.getMessage());
    }
  }

  /** Something that is done in a context. */
  private interface Call {
    void make() throws IOException;
  }

  @Override
  public void synchronous(long address) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment yes = arena.allocateFrom(JAVA_INT, 1);
      within(
          address,
          () -> succeed("cuPointerSetAttribute", yes.address(), SYNC_MEMOPS, address, 0, 0));
    }
  }

  @Override
  public int export(long address, long bytes) throws IOException {
    int[] made = {NONE};
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = arena.allocate(JAVA_INT);
      within(address, () -> {
        succeed("cuMemGetHandleForAddressRange", file.address(), address, bytes, DMA_BUF_FD, 0);
        made[0] = file.get(JAVA_INT, 0);
      });
      return made[0];
    } catch (IOException e) {
      if (made[0] != NONE) {
        close(made[0]);
      }
      throw e;
    }
  }

  /** Calls in the context that memory is of; in its GPU's primary one, if it is of none. */
  private void within(long address, Call call) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(JAVA_LONG);
      succeed("cuPointerGetAttribute", word.address(), CONTEXT_OF, address, 0, 0);
      long context = word.get(JAVA_LONG, 0);
      if (context != 0) {
        current(context, word, call);
        return;
      }
      succeed("cuPointerGetAttribute", word.address(), ORDINAL_OF, address, 0, 0);
      succeed("cuDeviceGet", word.address(), word.get(JAVA_INT, 0), 0, 0, 0);
      int device = word.get(JAVA_INT, 0);
      succeed("cuDevicePrimaryCtxRetain", word.address(), device, 0, 0, 0);
      try {
        current(word.get(JAVA_LONG, 0), word, call);
      } finally {
        succeed("cuDevicePrimaryCtxRelease_v2", device, 0, 0, 0, 0);
      }
    }
  }

  private void current(long context, MemorySegment word, Call call) throws IOException {
    succeed("cuCtxPushCurrent_v2", context, 0, 0, 0, 0);
    try {
      call.make();
    } finally {
      succeed("cuCtxPopCurrent_v2", word.address(), 0, 0, 0, 0);
    }
  }

  @Override
  public void close(int descriptor) {
    var _ = call("close", descriptor, 0, 0, 0, 0);
  }

  private void succeed(String function, long a, long b, long c, long d, long e) throws IOException {
    int error = call(function, a, b, c, d, e);
    if (error != 0) {
      throw new IOException("%s: error %d of CUDA".formatted(function, error));
    }
  }

  private int call(String function, long a, long b, long c, long d, long e) {
    try {
      return (int) CALL.invokeExact(driver.findOrThrow(function), a, b, c, d, e);
    } catch (Throwable broken) {
      throw new AssertionError("A call of " + function + " failed before it was made", broken);
    }
  }
}
