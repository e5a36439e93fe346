package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import jcuda.driver.CUresult;

/** Device memory of a virtual-memory pool, as PyTorch's expandable segments are. */
@SuppressWarnings("restricted")
final class VirtualNative implements AutoCloseable {
  private static final int DEVICE = 1;
  private static final int READ_WRITE = 3;
  private static final long PROPERTIES_BYTES = 32;
  private static final long ACCESS_BYTES = 12;

  private final Context context;
  private final Arena arena = Arena.ofConfined();
  private final SymbolLookup driver = SymbolLookup.libraryLookup(DriverNative.LIBRARY, arena);
  private final long bytes;
  private final long handle;
  private final long address;

  /** Creates memory on the first device, whose context it is. */
  VirtualNative(Context context, long bytes) {
    this.context = context;
    this.bytes = bytes;
    MemorySegment made = arena.allocate(JAVA_LONG);
    MemorySegment properties = arena.allocate(PROPERTIES_BYTES, Long.BYTES);
    properties.set(JAVA_INT, 0, 1); // pinned
    properties.set(JAVA_INT, 4, 1); // to be exported as a file descriptor
    properties.set(JAVA_INT, 8, DEVICE);
    MemorySegment access = arena.allocate(ACCESS_BYTES, Long.BYTES);
    access.set(JAVA_INT, 0, DEVICE);
    access.set(JAVA_INT, 8, READ_WRITE);
    try (var _ = context.enter()) {
      call("cuMemCreate", made, bytes, properties, 0L);
      this.handle = made.get(JAVA_LONG, 0);
      call("cuMemAddressReserve", made, bytes, 0L, 0L, 0L);
      this.address = made.get(JAVA_LONG, 0);
      call("cuMemMap", address, bytes, 0L, handle, 0L);
      call("cuMemSetAccess", address, bytes, access, 1L);
    }
  }

  private void call(String name, Object... arguments) {
    check(result(name, arguments), name);
  }

  private int result(String name, Object... arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] = arguments[i] instanceof MemorySegment
          ? ADDRESS
          : arguments[i] instanceof Integer ? JAVA_INT : JAVA_LONG;
    }
    try {
      return (int) Linker.nativeLinker()
          .downcallHandle(driver.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, layouts))
          .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  long address() {
    return address;
  }

  /** {@return whether the driver makes a handle of it that other processes open} */
  boolean hasHandle() {
    try (var _ = context.enter()) {
      return result("cuIpcGetMemHandle", arena.allocate(64), address) == CUresult.CUDA_SUCCESS;
    }
  }

  /** {@return what PyTorch hands to another process for such memory} */
  byte[] shared() {
    MemorySegment descriptor = arena.allocate(JAVA_INT);
    try (var _ = context.enter()) {
      call("cuMemExportToShareableHandle", descriptor, handle, 1, 0L);
    }
    MemorySegment frame = arena.allocate(32, Long.BYTES);
    frame.set(JAVA_INT, 0, Math.toIntExact(ProcessHandle.current().pid()));
    frame.set(JAVA_LONG, 8, bytes);
    frame.set(JAVA_LONG, 16, 1);
    frame.set(JAVA_INT, 24, descriptor.get(JAVA_INT, 0));
    byte[] shared = new byte[2 + 28];
    shared[0] = 1;
    shared[1] = 'e';
    MemorySegment.ofArray(shared).asSlice(2).copyFrom(frame.asSlice(0, 28));
    return shared;
  }

  @Override
  public void close() {
    try (var _ = context.enter()) {
      call("cuMemUnmap", address, bytes);
      call("cuMemAddressFree", address, bytes);
      call("cuMemRelease", handle);
    }
    arena.close();
  }
}
