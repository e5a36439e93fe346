package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * NVIDIA's GPUDirect Storage: files to and from a device's memory. The library stays loaded, and
 * its driver open: both are the process's.
 *
 * <p>What C returns as {@code CUfileError_t}, two numbers of 32 bits, is a {@code long} here, of
 * which the lower half is cuFile's own.
 */
@SuppressWarnings("restricted")
final class CufileNative {
  /** The names of the library, the usual one first. */
  static final List<String> LIBRARIES =
      List.of("libcufile.so.0", "/usr/local/cuda/lib64/libcufile.so.0");

  /** Numbers of cuFile's errors are larger, those of the system's smaller. */
  static final int FIRST_ERROR = 5000;

  /** What the driver returns when somebody else in this process has opened it. */
  static final int ALREADY_OPEN = 5026;

  private static final int READ_ONLY = 0;
  private static final int READ_WRITE = 2;
  private static final int CREATE = 0x40;
  private static final int DIRECT = 0x4000;
  private static final int MODE = 0640;
  private static final int FILE_DESCRIPTOR = 1;
  private static final long DESCRIPTION_BYTES = 24;
  private static final long DESCRIPTION_FD = 8;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final MethodHandle OPEN = LINKER.downcallHandle(
      LINKER.defaultLookup().findOrThrow("open"),
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
      Linker.Option.firstVariadicArg(2), ERRNO);
  private static final MethodHandle CLOSE = LINKER.downcallHandle(
      LINKER.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final SymbolLookup library;
  private final MethodHandle driverOpen;
  private final Optional<MethodHandle> version;
  private final MethodHandle register;
  private final MethodHandle deregister;
  private final MethodHandle read;
  private final MethodHandle write;

  private CufileNative(SymbolLookup library) {
    this.library = library;
    this.driverOpen = bind("cuFileDriverOpen", FunctionDescriptor.of(JAVA_LONG));
    this.version = library.find("cuFileGetVersion") // CUDA 12.3 and later
        .map(at -> LINKER.downcallHandle(at, FunctionDescriptor.of(JAVA_LONG, ADDRESS)));
    this.register =
        bind("cuFileHandleRegister", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS));
    this.deregister = bind("cuFileHandleDeregister", FunctionDescriptor.ofVoid(JAVA_LONG));
    FunctionDescriptor transfer =
        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    this.read = bind("cuFileRead", transfer, ERRNO);
    this.write = bind("cuFileWrite", transfer, ERRNO);
  }

  private MethodHandle bind(String name, FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(library.findOrThrow(name), type, options);
  }

  /** Loads the first of some libraries that this machine has, and that have what is called. */
  static Optional<CufileNative> find(List<String> libraries) {
    return libraries.stream().flatMap(name -> loaded(name).stream()).findFirst();
  }

  private static Optional<CufileNative> loaded(String name) {
    try {
      return Optional.of(new CufileNative(SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException | NoSuchElementException _) {
      return Optional.empty();
    }
  }

  /** Opens the driver; returns what cuFile says, 0 if it is open now. */
  int openDriver() {
    try {
      return (int) (long) driverOpen.invokeExact();
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** {@return the library's version} */
  String version() {
    if (version.isEmpty()) {
      return "of no version it tells";
    }
    try (Arena call = Arena.ofConfined()) {
      MemorySegment number = call.allocate(JAVA_INT);
      long failed = (long) version.get().invokeExact(number);
      int found = number.get(JAVA_INT, 0);
      return (int) failed == 0 ? found / 1000 + "." + found % 1000 / 10 : "of no version it tells";
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /**
   * Opens a file, past the kernel's page cache if its file system can.
   *
   * @return its descriptor, or the negative error
   */
  static int open(String path, boolean writable) {
    int flags = writable ? READ_WRITE | CREATE : READ_ONLY;
    int direct = open(path, flags | DIRECT, MODE);
    return direct >= 0 ? direct : open(path, flags, MODE);
  }

  private static int open(String path, int flags, int mode) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(Linker.Option.captureStateLayout());
      int file = (int) OPEN.invokeExact(state, call.allocateFrom(path), flags, mode);
      return file >= 0 ? file : -errno(state);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Closes a descriptor. */
  static void close(int file) {
    try {
      int _ = (int) CLOSE.invokeExact(file);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /**
   * Makes a file known.
   *
   * @param handle where the address that it is known by is written
   * @return what cuFile says, 0 if it is known now
   */
  int register(int file, MemorySegment handle) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment description = call.allocate(DESCRIPTION_BYTES, Long.BYTES);
      description.set(JAVA_INT, 0, FILE_DESCRIPTOR);
      description.set(JAVA_INT, DESCRIPTION_FD, file);
      return (int) (long) register.invokeExact(handle, description);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Forgets a file. */
  void deregister(long handle) {
    try {
      deregister.invokeExact(handle);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /**
   * Moves bytes, and waits for it.
   *
   * @param in whether they are read from the file
   * @param memory where the device's memory begins
   * @return how many were moved; or what went wrong: cuFile's number, negative, or the negative
   *     error of the system
   */
  long move(boolean in, long handle, long memory, long bytes, long position, long offset) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(Linker.Option.captureStateLayout());
      MethodHandle which = in ? read : write;
      long moved = (long) which.invokeExact(state, handle, memory, bytes, position, offset);
      return moved == -1 ? -errno(state) : moved;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static int errno(MemorySegment state) {
    MemoryLayout layout = Linker.Option.captureStateLayout();
    return (int) layout.varHandle(PathElement.groupElement("errno")).get(state, 0L);
  }

  private static AssertionError impossible(Throwable thrown) {
    return new AssertionError("C functions throw nothing", thrown);
  }
}
