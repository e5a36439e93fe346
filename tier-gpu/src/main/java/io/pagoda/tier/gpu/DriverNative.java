package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The driver's calls that JCuda lacks: many copies in one call (CUDA 12.8 and later), and a memory
 * handle of another process passed as it is.
 */
@SuppressWarnings("restricted")
final class DriverNative {
  /** The driver's library. */
  static final String LIBRARY = "libcuda.so.1";

  /** Source memory is read in the order of the stream. */
  private static final int SOURCE_IN_STREAM_ORDER = 1;

  private static final long ATTRIBUTES_BYTES = 24;
  private static final StructLayout IPC_HANDLE =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(8, JAVA_LONG));

  private final Optional<MethodHandle> batch;
  private final MethodHandle openHandle;

  DriverNative(Arena arena) {
    SymbolLookup driver = SymbolLookup.libraryLookup(LIBRARY, arena);
    Linker linker = Linker.nativeLinker();
    this.batch = driver.find("cuMemcpyBatchAsync_v2")
        .map(
            symbol -> linker.downcallHandle(
                symbol,
                FunctionDescriptor.of(
                    JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG,
                    JAVA_LONG)));
    this.openHandle = linker.downcallHandle(
        driver.find("cuIpcOpenMemHandle_v2").orElseThrow(),
        FunctionDescriptor.of(JAVA_INT, ADDRESS, IPC_HANDLE, JAVA_INT));
  }

  /** {@return whether the driver's library loads} */
  static boolean installed() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(LIBRARY, arena);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** {@return the memory at an address, as a segment} */
  static MemorySegment segment(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** {@return whether the driver copies many chunks a call} */
  boolean present() {
    return batch.isPresent();
  }

  /** Puts copies into a stream; returns what the driver does. */
  int copy(Copies copies, long stream) {
    int count = copies.count();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
      attributes.set(JAVA_INT, 0, SOURCE_IN_STREAM_ORDER);
      return (int) batch.orElseThrow()
          .invokeExact(
              longs(arena, copies.to(), count), longs(arena, copies.from(), count),
              longs(arena, copies.bytes, count), (long) count, attributes,
              arena.allocate(JAVA_LONG), 1L, stream);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // native code throws nothing
    }
  }

  /** Opens memory of another process; returns what the driver does. */
  int open(MemorySegment address, byte[] handle, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(IPC_HANDLE);
      value.copyFrom(MemorySegment.ofArray(handle));
      return (int) openHandle.invokeExact(address, value, flags);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // native code throws nothing
    }
  }

  private static MemorySegment longs(Arena arena, long[] values, int count) {
    MemorySegment memory = arena.allocate(JAVA_LONG, count);
    MemorySegment.copy(values, 0, memory, JAVA_LONG, 0, count);
    return memory;
  }
}
