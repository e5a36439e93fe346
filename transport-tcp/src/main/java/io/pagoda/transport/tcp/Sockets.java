package io.pagoda.transport.tcp;

import static io.pagoda.transport.tcp.SocketAddresses.check;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** Sockets as one loop opens them. Confined to the thread of that loop, as its memory is. */
final class Sockets implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = SocketNative.state(arena);
  private final MemorySegment address = SocketNative.address(arena);
  private final MemorySegment length = arena.allocate(JAVA_INT);
  private final MemorySegment value = arena.allocate(JAVA_INT);

  MemorySegment state() {
    return state;
  }

  /** {@return a socket that listens} */
  int listening(InetSocketAddress at) throws IOException {
    int socket =
        check(SocketNative.socket(state, SocketAddresses.family(at)), "open a socket for", at);
    try {
      value.set(JAVA_INT, 0, 1);
      check(SocketNative.reuseAddress(state, socket, value), "share the address", at);
      int bytes = SocketAddresses.write(at, address);
      check(SocketNative.bind(state, socket, address, bytes), "listen at", at);
      check(SocketNative.listen(state, socket), "listen at", at);
      return socket;
    } catch (IOException e) {
      SocketNative.close(state, socket);
      throw e;
    }
  }

  /** {@return a socket that can connect} */
  int open(InetSocketAddress to) throws IOException {
    int socket =
        check(SocketNative.socket(state, SocketAddresses.family(to)), "open a socket for", to);
    try {
      noDelay(socket);
      return socket;
    } catch (IOException e) {
      close(socket);
      throw e;
    }
  }

  /** {@return a socket that connects, or has connected} */
  int connecting(InetSocketAddress to) throws IOException {
    int socket = open(to);
    try {
      int bytes = SocketAddresses.write(to, address);
      int result = SocketNative.connect(state, socket, address, bytes);
      if (result != -SocketAddresses.IN_PROGRESS) {
        check(result, "connect to", to);
      }
      return socket;
    } catch (IOException e) {
      SocketNative.close(state, socket);
      throw e;
    }
  }

  /** {@return a connection, or an error's number, negated; its peer is then {@link #accepted}} */
  int accept(int listening) throws IOException {
    int socket = SocketNative.accept(state, listening, address, length);
    if (socket >= 0) {
      try {
        noDelay(socket);
      } catch (IOException e) {
        close(socket);
        throw e;
      }
    }
    return socket;
  }

  /** {@return where the last accepted connection comes from} */
  InetSocketAddress accepted() throws IOException {
    return SocketAddresses.read(address);
  }

  /** Has small frames sent at once. */
  void noDelay(int socket) throws IOException {
    value.set(JAVA_INT, 0, 1);
    check(SocketNative.noDelay(state, socket, value), "set TCP_NODELAY of", "a socket");
  }

  /** {@return where a socket is bound} */
  InetSocketAddress name(int socket) throws IOException {
    check(SocketNative.name(state, socket, address, length), "ask for the address of", "a socket");
    return SocketAddresses.read(address);
  }

  /** Throws why a socket could not connect, if it could not. */
  void finish(int socket, InetSocketAddress to) throws IOException {
    check(SocketNative.error(state, socket, value, length), "connect to", to);
  }

  void close(int descriptor) {
    SocketNative.close(state, descriptor);
  }

  /** Has what waits for a socket end. */
  void shutdown(int socket) {
    SocketNative.shutdown(state, socket);
  }

  /** Closes a descriptor that no loop has, in any thread. */
  static void closeAnywhere(int descriptor) {
    try (Arena own = Arena.ofConfined()) {
      SocketNative.close(SocketNative.state(own), descriptor);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
