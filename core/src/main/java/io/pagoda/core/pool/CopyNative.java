package io.pagoda.core.pool;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * C's {@code memcpy}, called with bare addresses: nothing is checked, and no arena is held for the
 * time of the call. Whoever calls it has made sure of both.
 */
@SuppressWarnings("restricted")
final class CopyNative {
  private static final MethodHandle MEMCPY = Linker.nativeLinker()
      .downcallHandle(
          Linker.nativeLinker().defaultLookup().findOrThrow("memcpy"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));

  private CopyNative() {}

  static void copy(long from, long to, long bytes) {
    try {
      long _ = (long) MEMCPY.invokeExact(to, from, bytes);
    } catch (Throwable thrown) {
      throw new AssertionError("memcpy throws nothing", thrown);
    }
  }
}
