package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * libibverbs, librdmacm and poll. Pointers are plain numbers.
 *
 * <p>Every function is called as one of six words that returns a word: on the machines this is
 * for, x86-64 and AArch64, what a function does not ask for is in registers that it ignores, and
 * one shape of a call is made once. None of them takes a variable number of arguments.
 */
@SuppressWarnings({"restricted", "EnumOrdinal"})
final class VerbsNative {
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final int WORD_COUNT = 6;
  private static final FunctionDescriptor WORDS = FunctionDescriptor
      .of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle CALL =
      Linker.nativeLinker().downcallHandle(WORDS, Linker.Option.captureCallState("errno"));
  /** Without the error, which these return: of what devices do themselves. */
  private static final MethodHandle OPERATION = Linker.nativeLinker()
      .downcallHandle(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private static final Map<Integer, String> ERRORS = Map.ofEntries(
      Map.entry(1, "not permitted"), Map.entry(2, "no such thing"),
      Map.entry(9, "no such file descriptor"), Map.entry(11, "try again"),
      Map.entry(12, "out of memory, or of what may be locked"), Map.entry(13, "permission denied"),
      Map.entry(16, "busy"), Map.entry(19, "no such device"), Map.entry(22, "invalid argument"),
      Map.entry(24, "too many open files"), Map.entry(95, "not supported"),
      Map.entry(98, "address in use"), Map.entry(99, "no such address on this machine"),
      Map.entry(101, "network unreachable"), Map.entry(110, "timed out"),
      Map.entry(111, "connection refused"), Map.entry(113, "no route to host"));

  private VerbsNative() {}

  /** A function, by the library that it is of. */
  enum Function {
    RDMA_CREATE_EVENT_CHANNEL,
    RDMA_DESTROY_EVENT_CHANNEL,
    RDMA_CREATE_ID,
    RDMA_DESTROY_ID,
    RDMA_BIND_ADDR,
    RDMA_LISTEN,
    RDMA_RESOLVE_ADDR,
    RDMA_RESOLVE_ROUTE,
    RDMA_CREATE_QP,
    RDMA_DESTROY_QP,
    RDMA_CONNECT,
    RDMA_ACCEPT,
    RDMA_DISCONNECT,
    RDMA_GET_CM_EVENT,
    RDMA_ACK_CM_EVENT,
    RDMA_SET_OPTION,
    IBV_ALLOC_PD,
    IBV_DEALLOC_PD,
    IBV_CREATE_COMP_CHANNEL,
    IBV_DESTROY_COMP_CHANNEL,
    IBV_CREATE_CQ,
    IBV_DESTROY_CQ,
    IBV_REG_MR,
    IBV_REG_MR_IOVA2,
    IBV_REG_DMABUF_MR,
    IBV_DEREG_MR,
    IBV_GET_CQ_EVENT,
    IBV_ACK_CQ_EVENTS,
    IBV_QUERY_DEVICE,
    IBV_QUERY_QP,
    IBV_QUERY_PORT,
    IBV_GET_DEVICE_NAME,
    IBV_GET_DEVICE_LIST,
    IBV_FREE_DEVICE_LIST,
    POLL;

    private String symbol() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** The libraries, loaded when something is first asked of them. */
  private static final class Loaded {
    static final long[] ADDRESSES = new long[Function.values().length];

    static {
      SymbolLookup all = library("librdmacm.so.1").or(library("libibverbs.so.1"))
          .or(Linker.nativeLinker().defaultLookup());
      for (Function function : Function.values()) {
        ADDRESSES[function.ordinal()] = function == Function.IBV_REG_DMABUF_MR
            ? all.find(function.symbol()).map(MemorySegment::address).orElse(0L)
            : all.findOrThrow(function.symbol()).address();
      }
    }
  }

  private static SymbolLookup library(String name) {
    return SymbolLookup.libraryLookup(name, Arena.global());
  }

  /** {@return why the libraries cannot be used, if they cannot} */
  static Optional<String> missing() {
    for (String name : new String[] {"libibverbs.so.1", "librdmacm.so.1"}) {
      try {
        var _ = library(name);
      } catch (IllegalArgumentException e) {
        return Optional.of(
            name + " is not installed: on Debian and Ubuntu, apt-get install rdma-core"
                + " ibverbs-providers librdmacm1");
      }
    }
    return Optional.empty();
  }

  /** {@return whether libibverbs has the function, which that before 34 has not} */
  static boolean knowsDmaBuf() {
    return Loaded.ADDRESSES[Function.IBV_REG_DMABUF_MR.ordinal()] != 0;
  }

  /** What a call returned, and the error that it left. */
  private record Result(long value, int errno) {}

  private static Result call(Function function, long... word) {
    long[] w = Arrays.copyOf(word, WORD_COUNT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment at = MemorySegment.ofAddress(Loaded.ADDRESSES[function.ordinal()]);
      long value = (long) CALL.invokeExact(at, state, w[0], w[1], w[2], w[3], w[4], w[5]);
      return new Result(value, (int) ERRNO.get(state, 0L));
    } catch (Throwable broken) {
      throw new AssertionError("A call of " + function + " failed before it was made", broken);
    }
  }

  /** {@return what is pointed to, which is something} */
  static long pointer(Function function, long... words) throws IOException {
    Result result = call(function, words);
    if (result.value == 0) {
      throw new NativeException(function, result.errno);
    }
    return result.value;
  }

  /** Calls what returns 0, or −1, or an error's number of either sign. */
  static void succeed(Function function, long... words) throws IOException {
    Result result = call(function, words);
    int code = (int) result.value;
    if (code != 0) {
      throw new NativeException(function, code == -1 ? result.errno : Math.abs(code));
    }
  }

  /** {@return what is returned, with nothing seen in it} */
  static long plain(Function function, long... words) {
    return call(function, words).value;
  }

  /** {@return where an operation of a device is, at {@code offset} of the object's context} */
  static MemorySegment target(long object, int offset) {
    return MemorySegment.ofAddress(word(word(object + Abi.CONTEXT) + offset));
  }

  /** Calls an operation of a device, of which {@link #target} says where it is. */
  static int operation(MemorySegment target, long object, long b, long c) {
    try {
      return (int) (long) OPERATION.invokeExact(target, object, b, c);
    } catch (Throwable broken) {
      throw new AssertionError("A device's operation failed before it was called", broken);
    }
  }

  /** Calls an operation of a device, once. */
  static int operation(long object, int offset, long b, long c) {
    return operation(target(object, offset), object, b, c);
  }

  /** {@return all memory, for structures of the libraries} */
  static MemorySegment everything() {
    return Everything.MEMORY;
  }

  private static final class Everything {
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  static long word(long address) {
    return Everything.MEMORY.get(JAVA_LONG, address);
  }

  static String text(int errno) {
    return ERRORS.getOrDefault(errno, "errno " + errno);
  }

  /** A function did not do what it was asked for. */
  static final class NativeException extends IOException {
    @java.io.Serial private static final long serialVersionUID = 1;

    private final int errno;

    NativeException(Function function, int errno) {
      super("%s: %s".formatted(function.symbol(), text(errno)));
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }
}
