package io.pagoda.transport.tcp;

import static io.pagoda.transport.tcp.SocketAddresses.check;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Wakes a thread that waits at an epoll: an eventfd, which nobody writes to once it is closed. */
final class Bell implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment ringing = SocketNative.state(arena);
  private final MemorySegment hearing = SocketNative.state(arena);
  private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
  private final MemorySegment word = arena.allocate(JAVA_LONG);
  private final int descriptor;
  private boolean closed;

  Bell(MemorySegment state) throws IOException {
    try {
      descriptor = check(SocketNative.eventfd(state), "open", "an eventfd");
    } catch (IOException e) {
      arena.close();
      throw e;
    }
  }

  int descriptor() {
    return descriptor;
  }

  /** From any thread. */
  synchronized void ring() {
    if (!closed) {
      SocketNative.write(ringing, descriptor, one);
    }
  }

  /** In the thread that was woken. */
  void heard() {
    SocketNative.read(hearing, descriptor, word);
  }

  @Override
  public synchronized void close() {
    closed = true;
    SocketNative.close(ringing, descriptor);
    arena.close();
  }
}
