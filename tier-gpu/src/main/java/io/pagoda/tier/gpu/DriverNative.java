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
  private final MethodHandle openEvent;
  private final MethodHandle waitEvent;
  private final MethodHandle recordEvent;
  private final MethodHandle destroyEvent;

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
    var call = new Calls(driver, linker);
    this.openHandle = call.to("cuIpcOpenMemHandle_v2", ADDRESS, IPC_HANDLE, JAVA_INT);
    this.openEvent = call.to("cuIpcOpenEventHandle", ADDRESS, IPC_HANDLE);
    this.waitEvent = call.to("cuStreamWaitEvent", JAVA_LONG, JAVA_LONG, JAVA_INT);
    this.recordEvent = call.to("cuEventRecord", JAVA_LONG, JAVA_LONG);
    this.destroyEvent = call.to("cuEventDestroy_v2", JAVA_LONG);
  }

  /** The driver's functions, each of which returns how it went. */
  private record Calls(SymbolLookup driver, Linker linker) {
    MethodHandle to(String name, MemoryLayout... parameters) {
      return linker.downcallHandle(
          driver.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, parameters));
    }
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

  /** Opens an event of another process; returns what the driver does. */
  int openEvent(MemorySegment address, byte[] handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(IPC_HANDLE);
      value.copyFrom(MemorySegment.ofArray(handle));
      return (int) openEvent.invokeExact(address, value);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // native code throws nothing
    }
  }

  /** Has a stream wait for an event; returns what the driver does. */
  int waitEvent(long stream, long event) {
    try {
      return (int) waitEvent.invokeExact(stream, event, 0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // native code throws nothing
    }
  }

  /** Records an event behind what is in a stream; returns what the driver does. */
  int recordEvent(long event, long stream) {
    try {
      return (int) recordEvent.invokeExact(event, stream);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // native code throws nothing
    }
  }

  /** Gives up an event; returns what the driver does. */
  int destroyEvent(long event) {
    try {
      return (int) destroyEvent.invokeExact(event);
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
