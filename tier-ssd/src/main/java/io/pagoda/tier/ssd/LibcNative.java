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
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The calls into Linux's C library that Java has no other way to make. File descriptors are plain
 * numbers here; whoever opens one closes it.
 *
 * <p><b>Failures.</b> Each call throws an {@link IOException} that names the file and the error.
 */
@SuppressWarnings("restricted")
final class LibcNative {
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int O_DIRECT = 0x4000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int OWNER_AND_GROUP = 0640;
  private static final int LOCK_EXCLUSIVE_NOW = 2 | 4;

  /** FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE. */
  private static final int PUNCH = 1 | 2;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN = call(
      "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
      Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FLOCK =
      call("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      call("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FALLOCATE =
      call("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

  /** Not there in GNU's C library before 2.27. */
  private static final Optional<MethodHandle> MEMFD_CREATE =
      possible("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private static final MethodHandle PREAD =
      call("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));

  /** MFD_CLOEXEC. */
  private static final int CLOSED_BY_EXEC = 1;

  private LibcNative() {}

  /** {@return where {@link #read} leaves what went wrong} */
  static MemorySegment errno(Arena arena) {
    return arena.allocate(STATE);
  }

  /** Opens a file of no bytes that is nowhere but in memory. */
  static int memory(String name) throws IOException {
    Path file = Path.of(name);
    MethodHandle create = MEMFD_CREATE.orElseThrow(
        () -> new FileSystemException(name, null, "the C library makes no files in memory"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment called = arena.allocateFrom(String.valueOf(file.getFileName()));
      return check(
          "make in memory", file, state -> (int) create.invokeExact(state, called, CLOSED_BY_EXEC));
    }
  }

  /**
   * Reads an open file, without any garbage.
   *
   * @param errno from {@link #errno}, nobody else's meanwhile
   * @return how many bytes, or the error's number below 0
   */
  static int read(int fd, long position, MemorySegment into, MemorySegment errno) {
    try {
      long read = (long) PREAD.invokeExact(errno, fd, into, into.byteSize(), position);
      return (int) (read < 0 ? -(int) ERRNO.get(errno, 0L) : read);
    } catch (Throwable broken) {
      throw new AssertionError("A call into libc failed before it was made", broken);
    }
  }

  /** Opens a file to read and write, creating it if need be. */
  static int open(Path file, boolean direct) throws IOException {
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | (direct ? O_DIRECT : 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      return check(
          "open", file, state -> (int) OPEN.invokeExact(state, name, flags, OWNER_AND_GROUP));
    }
  }

  /** Closes a file that {@link #open} opened. */
  static void close(int fd, Path file) throws IOException {
    check("close", file, state -> (int) CLOSE.invokeExact(state, fd));
  }

  /**
   * Locks an open file against every other opening of it, in this process and in others. (Java's
   * file locks belong to the process and go away when any channel to the file closes.)
   *
   * @return whether it was free
   */
  static boolean lock(int fd, Path file) throws IOException {
    int result = result(state -> (int) FLOCK.invokeExact(state, fd, LOCK_EXCLUSIVE_NOW));
    if (result == -Errno.EAGAIN.code()) {
      return false;
    }
    throwIfFailed("lock", file, result);
    return true;
  }

  /** Makes an open file {@code bytes} long, without taking disk space. */
  static void resize(int fd, Path file, long bytes) throws IOException {
    check("resize", file, state -> (int) FTRUNCATE.invokeExact(state, fd, bytes));
  }

  /** Takes disk space for the first {@code bytes} of an open file. */
  static void allocate(int fd, Path file, long bytes) throws IOException {
    check("allocate", file, state -> (int) FALLOCATE.invokeExact(state, fd, 0, 0L, bytes));
  }

  /** As {@link #allocate}, but where the file system cannot, the space is taken when written. */
  static void allocateIfPossible(int fd, Path file, long bytes) throws IOException {
    int result = result(state -> (int) FALLOCATE.invokeExact(state, fd, 0, 0L, bytes));
    if (result != -Errno.EOPNOTSUPP.code()) {
      throwIfFailed("allocate", file, result);
    }
  }

  /**
   * Gives back the disk space of a stretch of an open file, which reads as zeros from then on.
   *
   * @return whether the file system can do that
   */
  static boolean punch(int fd, Path file, long position, long bytes) throws IOException {
    int result = result(state -> (int) FALLOCATE.invokeExact(state, fd, PUNCH, position, bytes));
    if (result == -Errno.EOPNOTSUPP.code()) {
      return false;
    }
    throwIfFailed("punch a hole into", file, result);
    return true;
  }

  private static int check(String what, Path file, Call call) throws IOException {
    int result = result(call);
    throwIfFailed(what, file, result);
    return result;
  }

  private static void throwIfFailed(String what, Path file, int result) throws IOException {
    if (result < 0) {
      throw new FileSystemException(
          file.toString(), null, "cannot " + what + ": " + Errno.describe(-result));
    }
  }

  private static int result(Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = call.invoke(state);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable broken) {
      throw new AssertionError("A call into libc failed before it was made", broken);
    }
  }

  private static MethodHandle call(
      String name, FunctionDescriptor type, Linker.Option... variadic) {
    return possible(name, type, variadic).orElseThrow();
  }

  private static Optional<MethodHandle> possible(
      String name, FunctionDescriptor type, Linker.Option... variadic) {
    Linker linker = Linker.nativeLinker();
    Linker.Option[] options = new Linker.Option[variadic.length + 1];
    options[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(variadic, 0, options, 1, variadic.length);
    return linker.defaultLookup()
        .find(name)
        .map(address -> linker.downcallHandle(address, type, options));
  }

  /** A libc call that leaves errno in the segment it is given. */
  private interface Call {
    int invoke(MemorySegment state) throws Throwable;
  }
}
