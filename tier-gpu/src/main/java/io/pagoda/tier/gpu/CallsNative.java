package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The driver's calls that are made for every stage of a copy. They are few microseconds each, of
 * which JCuda would add one. All return what the driver does.
 *
 * <p>The driver's library stays loaded, as it would with JCuda.
 */
@SuppressWarnings("restricted")
final class CallsNative {
  private static final SymbolLookup DRIVER =
      SymbolLookup.libraryLookup(DriverNative.LIBRARY, Arena.global());

  private static final MethodHandle COPY =
      bind("cuMemcpyAsync", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle COPY_ROWS = bind("cuMemcpy2DAsync_v2", JAVA_LONG, JAVA_LONG);
  private static final MethodHandle WAIT =
      bind("cuStreamWaitEvent", JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECORD = bind("cuEventRecord", JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LAUNCH = bind(
      "cuLaunchKernel", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
      JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private CallsNative() {}

  private static MethodHandle bind(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(DRIVER.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /** Puts a copy between any two addresses into a stream. */
  static int copy(long to, long from, long bytes, long stream) {
    try {
      return (int) COPY.invokeExact(to, from, bytes, stream);
    } catch (Throwable thrown) {
      throw impossible(thrown);
    }
  }

  /** Puts a copy of rows into a stream, as {@link Rows} tells of it. */
  static int copyRows(long argument, long stream) {
    try {
      return (int) COPY_ROWS.invokeExact(argument, stream);
    } catch (Throwable thrown) {
      throw impossible(thrown);
    }
  }

  /** Has a stream wait until an event that was recorded has come. */
  static int await(long stream, long event) {
    try {
      return (int) WAIT.invokeExact(stream, event, 0);
    } catch (Throwable thrown) {
      throw impossible(thrown);
    }
  }

  /** Lets an event come when a stream has done what is in it. */
  static int record(long event, long stream) {
    try {
      return (int) RECORD.invokeExact(event, stream);
    } catch (Throwable thrown) {
      throw impossible(thrown);
    }
  }

  /**
   * Puts a kernel into a stream.
   *
   * @param arguments the address of an array with the address of each argument
   */
  static int launch(long function, int blocks, int threads, long stream, long arguments) {
    try {
      return (int) LAUNCH
          .invokeExact(function, blocks, 1, 1, threads, 1, 1, 0, stream, arguments, 0L);
    } catch (Throwable thrown) {
      throw impossible(thrown);
    }
  }

  private static AssertionError impossible(Throwable thrown) {
    return new AssertionError("The driver throws nothing", thrown);
  }
}
