package io.pagoda.node.bench;

import io.pagoda.ByteSize;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** C's {@code mlock}. What is unmapped is unlocked. */
@SuppressWarnings("restricted")
final class PinNative {
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final MethodHandle MLOCK = Linker.nativeLinker()
      .downcallHandle(
          Linker.nativeLinker().defaultLookup().findOrThrow("mlock"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private PinNative() {}

  /**
   * Brings memory into being and keeps it there.
   *
   * @throws UnsupportedOperationException if the kernel does not allow it
   */
  static void pin(MemorySegment memory) {
    int errno = errno(memory);
    if (errno != 0) {
      throw new UnsupportedOperationException(
          "mlock of %s failed with errno %d; the limit is %s: raise it with ulimit -l"
              .formatted(new ByteSize(memory.byteSize()), errno, limit()));
    }
  }

  /** {@return why it failed; 0 if it did not} */
  private static int errno(MemorySegment memory) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(Linker.Option.captureStateLayout());
      int failed = (int) MLOCK.invokeExact(state, memory, memory.byteSize());
      var errno = Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));
      return failed == 0 ? 0 : (int) errno.get(state, 0L);
    } catch (Throwable thrown) {
      throw new AssertionError("mlock throws nothing", thrown);
    }
  }

  private static String limit() {
    try (Stream<String> lines = Files.lines(LIMITS)) {
      return lines.filter(line -> line.startsWith("Max locked memory"))
          .map(line -> line.split(" {2,}", -1)[1] + " bytes")
          .findFirst()
          .orElse("not told");
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }
}
