package io.pagoda.node.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * C's {@code clock_gettime} for time on processors, to the nanosecond, of threads that are running
 * too: what {@code /proc} and the JVM tell goes by ticks.
 */
@SuppressWarnings("restricted")
final class CpuClockNative {
  private static final int PROCESS = 2;

  /** What Linux makes of a thread's number: the clock of its time in user code and the kernel. */
  private static final int OF_A_THREAD = 6;

  private static final MethodHandle TIME = Linker.nativeLinker()
      .downcallHandle(
          Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

  private CpuClockNative() {}

  /** {@return how many nanoseconds all threads of this process have had} */
  static long process() {
    return time(PROCESS);
  }

  /** {@return how many nanoseconds a thread of this process has had; 0 if it has ended} */
  static long of(int thread) {
    return time(~thread << 3 | OF_A_THREAD);
  }

  private static long time(int clock) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment time = call.allocate(2 * Long.BYTES, Long.BYTES);
      int failed = (int) TIME.invokeExact(clock, time);
      return failed != 0
          ? 0
          : time.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000
              + time.get(ValueLayout.JAVA_LONG, Long.BYTES);
    } catch (Throwable thrown) {
      throw new AssertionError("clock_gettime throws nothing", thrown);
    }
  }
}
