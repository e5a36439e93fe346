package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * NVIDIA's tools extension: ranges that a profiler such as Nsight Systems shows. Without a profiler
 * a call is some nanoseconds.
 */
@SuppressWarnings("restricted")
final class NvtxNative {
  /** The libraries that have it, the later version first. */
  static final List<String> LIBRARIES = List.of("libnvtx3interop.so.1", "libnvToolsExt.so.1");

  /** Which of them was found. */
  final String library;

  private final MethodHandle start;
  private final MethodHandle end;

  private NvtxNative(String library, SymbolLookup symbols) {
    Linker linker = Linker.nativeLinker();
    this.library = library;
    this.start = linker.downcallHandle(
        symbols.findOrThrow("nvtxRangeStartA"), FunctionDescriptor.of(JAVA_LONG, ADDRESS));
    this.end = linker
        .downcallHandle(symbols.findOrThrow("nvtxRangeEnd"), FunctionDescriptor.ofVoid(JAVA_LONG));
  }

  /** Loads the first of the libraries that this machine has; it stays loaded with the arena. */
  static Optional<NvtxNative> find(Arena arena) {
    return find(LIBRARIES, arena);
  }

  /** Loads the first of some libraries that this machine has, and that have what is called. */
  static Optional<NvtxNative> find(List<String> libraries, Arena arena) {
    return libraries.stream().flatMap(library -> loaded(library, arena).stream()).findFirst();
  }

  private static Optional<NvtxNative> loaded(String library, Arena arena) {
    try {
      return Optional.of(new NvtxNative(library, SymbolLookup.libraryLookup(library, arena)));
    } catch (IllegalArgumentException | NoSuchElementException _) {
      return Optional.empty();
    }
  }

  /** {@return the description of this machine's, for people} */
  static String described() {
    try (Arena arena = Arena.ofConfined()) {
      return find(arena).map(found -> "by " + found.library)
          .orElse("none: no " + String.join(" and no ", LIBRARIES) + " on this machine");
    }
  }

  /** Starts a range of a name that ends with a zero; returns its number. */
  long start(MemorySegment name) {
    try {
      return (long) start.invokeExact(name);
    } catch (Throwable e) {
      throw new AssertionError("C functions throw nothing", e);
    }
  }

  /** Ends a range. */
  void end(long range) {
    try {
      end.invokeExact(range);
    } catch (Throwable e) {
      throw new AssertionError("C functions throw nothing", e);
    }
  }
}
