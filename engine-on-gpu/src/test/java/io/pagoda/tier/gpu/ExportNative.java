package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** Has the driver export what is this process's. */
@SuppressWarnings("restricted")
final class ExportNative {
  private ExportNative() {}

  /** {@return the 64 bytes that stand for memory or an event in other processes} */
  static String hex(String call, long of) {
    try (Arena arena = Arena.ofConfined()) {
      var driver = SymbolLookup.libraryLookup(DriverNative.LIBRARY, arena);
      MemorySegment handle = arena.allocate(64);
      int result = (int) Linker.nativeLinker()
          .downcallHandle(
              driver.findOrThrow(call),
              FunctionDescriptor
                  .of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG))
          .invokeExact(handle, of);
      check(result, call);
      return HexFormat.of().formatHex(handle.toArray(ValueLayout.JAVA_BYTE));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
