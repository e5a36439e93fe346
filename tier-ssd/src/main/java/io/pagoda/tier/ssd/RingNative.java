package io.pagoda.tier.ssd;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the kernel can be asked of an io_uring that Netty does not ask. A ring of a single issuer
 * refuses every thread but its own.
 */
@SuppressWarnings("restricted")
final class RingNative {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final String RING = "anon_inode:[io_uring]";

  private static final long IO_URING_REGISTER = 427;
  private static final int REGISTER_PROBE = 8;
  private static final int REGISTER_BUFFERS2 = 15;
  private static final int REGISTER_BUFFERS_UPDATE = 16;
  private static final int SPARSE = 1;
  private static final int ARGUMENT_BYTES = 32;
  private static final int PROBE_BYTES = 24;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL = Linker.nativeLinker()
      .downcallHandle(
          Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(1), Linker.Option.captureCallState("errno"));

  private RingNative() {}

  /** {@return the descriptors of this process's rings; none if the kernel does not tell} */
  static BitSet rings() {
    BitSet rings = new BitSet();
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      List<Path> links = all.toList();
      links.stream().filter(RingNative::isRing).forEach(link -> rings.set(number(link)));
    } catch (IOException _) {
      // Without descriptors no memory is registered, and all else works.
    }
    return rings;
  }

  private static boolean isRing(Path link) {
    try {
      return Files.readSymbolicLink(link).toString().equals(RING);
    } catch (IOException _) {
      return false;
    }
  }

  private static int number(Path link) {
    return Integer.parseInt(link.getFileName().toString());
  }

  /** Asks a ring what it can do, which changes nothing, and returns an errno or 0. */
  static int probe(int ring) {
    try (Arena arena = Arena.ofConfined()) {
      return register(ring, REGISTER_PROBE, arena.allocate(PROBE_BYTES, Long.BYTES), 1);
    }
  }

  /** Gives a ring a table of buffers that are not there yet, and returns an errno or 0. */
  static int table(int ring, int buffers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = arena.allocate(ARGUMENT_BYTES, Long.BYTES);
      argument.set(JAVA_INT, 0, buffers);
      argument.set(JAVA_INT, 4, SPARSE);
      return register(ring, REGISTER_BUFFERS2, argument, ARGUMENT_BYTES);
    }
  }

  /** Pins memory and puts it into a ring's table, and returns an errno or 0. */
  static int put(int ring, int buffer, MemorySegment memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vector = arena.allocate(ADDRESS.byteSize() + Long.BYTES, Long.BYTES);
      vector.set(ADDRESS, 0, memory);
      vector.set(JAVA_LONG, ADDRESS.byteSize(), memory.byteSize());
      MemorySegment argument = arena.allocate(ARGUMENT_BYTES, Long.BYTES);
      argument.set(JAVA_INT, 0, buffer);
      argument.set(ADDRESS, 8, vector);
      argument.set(JAVA_INT, 24, 1);
      return register(ring, REGISTER_BUFFERS_UPDATE, argument, ARGUMENT_BYTES);
    }
  }

  private static int register(int ring, int what, MemorySegment argument, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long answer =
          (long) SYSCALL.invokeExact(state, IO_URING_REGISTER, ring, what, argument, count);
      return answer < 0 ? (int) ERRNO.get(state, 0L) : 0;
    } catch (Throwable broken) {
      throw new AssertionError("A call into libc failed before it was made", broken);
    }
  }
}
