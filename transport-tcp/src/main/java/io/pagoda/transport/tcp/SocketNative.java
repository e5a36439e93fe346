package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Linux's sockets and epoll, which Java has no way to give lists of addresses to. Descriptors are
 * plain numbers; a result below 0 is the error's number, negated. The segments called {@code state}
 * are from {@link #state} and nobody else's meanwhile.
 */
@SuppressWarnings("restricted")
final class SocketNative {
  static final int EPOLL_CTL_ADD = 1;
  static final int EPOLL_CTL_DEL = 2;
  static final int EPOLL_CTL_MOD = 3;

  static final int CLOSE_ON_EXEC_AND_NONBLOCKING = 0x80800;
  private static final int CLOSE_ON_EXEC = 0x80000;
  private static final int STREAM = 1;
  private static final int NO_SIGNAL = 0x4000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_ERROR = 4;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int BACKLOG = 1024;
  private static final int BOTH_WAYS = 2;
  private static final int ADDRESS_BYTES = 28;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET = ints("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = ints("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = ints("listen", JAVA_INT, JAVA_INT);
  private static final MethodHandle CONNECT = ints("connect", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle ACCEPT = ints("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle NAME = ints("getsockname", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SET =
      ints("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GET =
      ints("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SHUTDOWN = ints("shutdown", JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = ints("close", JAVA_INT);
  private static final MethodHandle EPOLL_CREATE = ints("epoll_create1", JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      ints("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle EPOLL_WAIT =
      ints("epoll_wait", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle EVENTFD = ints("eventfd", JAVA_INT, JAVA_INT);
  private static final MethodHandle RECVMSG = longs("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SENDMSG = longs("sendmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle READ = longs("read", JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE = longs("write", JAVA_INT, ADDRESS, JAVA_LONG);

  private SocketNative() {}

  /** {@return where calls leave their error} */
  static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }

  /** {@return room for an address of either family} */
  static MemorySegment address(Arena arena) {
    return arena.allocate(ADDRESS_BYTES, Integer.BYTES);
  }

  static int socket(MemorySegment state, int family) {
    return result(
        state,
        () -> (int) SOCKET.invokeExact(state, family, STREAM | CLOSE_ON_EXEC_AND_NONBLOCKING, 0));
  }

  static int bind(MemorySegment state, int socket, MemorySegment address, int bytes) {
    return result(state, () -> (int) BIND.invokeExact(state, socket, address, bytes));
  }

  static int listen(MemorySegment state, int socket) {
    return result(state, () -> (int) LISTEN.invokeExact(state, socket, BACKLOG));
  }

  static int connect(MemorySegment state, int socket, MemorySegment address, int bytes) {
    return result(state, () -> (int) CONNECT.invokeExact(state, socket, address, bytes));
  }

  static int accept(MemorySegment state, int socket, MemorySegment address, MemorySegment length) {
    length.set(JAVA_INT, 0, ADDRESS_BYTES);
    return result(
        state, () -> (int) ACCEPT
            .invokeExact(state, socket, address, length, CLOSE_ON_EXEC_AND_NONBLOCKING));
  }

  static int name(MemorySegment state, int socket, MemorySegment address, MemorySegment length) {
    length.set(JAVA_INT, 0, ADDRESS_BYTES);
    return result(state, () -> (int) NAME.invokeExact(state, socket, address, length));
  }

  /** Sends small frames at once. */
  static int noDelay(MemorySegment state, int socket, MemorySegment one) {
    return option(state, socket, IPPROTO_TCP, TCP_NODELAY, one);
  }

  static int reuseAddress(MemorySegment state, int socket, MemorySegment one) {
    return option(state, socket, SOL_SOCKET, SO_REUSEADDR, one);
  }

  private static int option(
      MemorySegment state, int socket, int level, int name, MemorySegment value) {
    return result(
        state, () -> (int) SET.invokeExact(state, socket, level, name, value, Integer.BYTES));
  }

  /** {@return how connecting ended: 0 or an error's number, negated} */
  static int error(MemorySegment state, int socket, MemorySegment value, MemorySegment length) {
    length.set(JAVA_INT, 0, Integer.BYTES);
    int result = result(
        state, () -> (int) GET.invokeExact(state, socket, SOL_SOCKET, SO_ERROR, value, length));
    return result < 0 ? result : -value.get(JAVA_INT, 0);
  }

  static int shutdown(MemorySegment state, int socket) {
    return result(state, () -> (int) SHUTDOWN.invokeExact(state, socket, BOTH_WAYS));
  }

  static int close(MemorySegment state, int descriptor) {
    return result(state, () -> (int) CLOSE.invokeExact(state, descriptor));
  }

  static int epollCreate(MemorySegment state) {
    return result(state, () -> (int) EPOLL_CREATE.invokeExact(state, CLOSE_ON_EXEC));
  }

  static int epollControl(
      MemorySegment state, int epoll, int what, int descriptor, MemorySegment event) {
    return result(state, () -> (int) EPOLL_CTL.invokeExact(state, epoll, what, descriptor, event));
  }

  static int epollWait(MemorySegment state, int epoll, MemorySegment events, int most, int millis) {
    try {
      int events1 = (int) EPOLL_WAIT.invokeExact(state, epoll, events, most, millis);
      return events1 < 0 ? -(int) ERRNO.get(state, 0L) : events1;
    } catch (Throwable broken) {
      throw broken(broken);
    }
  }

  static int eventfd(MemorySegment state) {
    return result(state, () -> (int) EVENTFD.invokeExact(state, 0, CLOSE_ON_EXEC_AND_NONBLOCKING));
  }

  static long receive(MemorySegment state, int socket, MemorySegment message) {
    try {
      long received = (long) RECVMSG.invokeExact(state, socket, message, 0);
      return received < 0 ? -(int) ERRNO.get(state, 0L) : received;
    } catch (Throwable broken) {
      throw broken(broken);
    }
  }

  static long send(MemorySegment state, int socket, MemorySegment message) {
    try {
      long sent = (long) SENDMSG.invokeExact(state, socket, message, NO_SIGNAL);
      return sent < 0 ? -(int) ERRNO.get(state, 0L) : sent;
    } catch (Throwable broken) {
      throw broken(broken);
    }
  }

  static long read(MemorySegment state, int descriptor, MemorySegment into) {
    return longResult(
        state, () -> (long) READ.invokeExact(state, descriptor, into, into.byteSize()));
  }

  static long write(MemorySegment state, int descriptor, MemorySegment from) {
    return longResult(
        state, () -> (long) WRITE.invokeExact(state, descriptor, from, from.byteSize()));
  }

  private static int result(MemorySegment state, IntCall call) {
    try {
      int result = call.invoke();
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable broken) {
      throw broken(broken);
    }
  }

  private static long longResult(MemorySegment state, LongCall call) {
    try {
      long result = call.invoke();
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable broken) {
      throw broken(broken);
    }
  }

  private static AssertionError broken(Throwable cause) {
    return new AssertionError("A call into libc failed before it was made", cause);
  }

  private static MethodHandle ints(String name, MemoryLayout... arguments) {
    return call(name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static MethodHandle longs(String name, MemoryLayout... arguments) {
    return call(name, FunctionDescriptor.of(JAVA_LONG, arguments));
  }

  private static MethodHandle call(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  private interface IntCall {
    int invoke() throws Throwable;
  }

  private interface LongCall {
    long invoke() throws Throwable;
  }
}
