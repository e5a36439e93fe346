package io.pagoda.node.bench;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** C's {@code memcpy}, called with bare addresses: nothing is checked, so nothing is paid for. */
@SuppressWarnings("restricted")
final class MemcpyNative {
  private static final MethodHandle MEMCPY = Linker.nativeLinker()
      .downcallHandle(
          Linker.nativeLinker().defaultLookup().findOrThrow("memcpy"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));

  private MemcpyNative() {}

  /** Copies bytes between addresses that the caller knows to be valid. */
  static void copy(long from, long to, long bytes) {
    try {
      long _ = (long) MEMCPY.invokeExact(to, from, bytes);
    } catch (Throwable thrown) {
      throw new AssertionError("memcpy throws nothing", thrown);
    }
  }
}
