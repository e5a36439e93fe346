package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/**
 * A device whose operation is a function of the C library that does nothing and returns 0: what is
 * measured with it is what a call costs.
 */
@SuppressWarnings("restricted")
final class DoorbellNative implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment context = arena.allocate(Abi.CONTEXT_BYTES, 8);
  private final MemorySegment qp = arena.allocate(256, 8);

  DoorbellNative() {
    // Says whether a number is a character of ASCII; an address is none, and the answer is 0.
    long nothing = Linker.nativeLinker().defaultLookup().findOrThrow("isascii").address();
    context.set(JAVA_LONG, Abi.OP_SEND, nothing);
    qp.set(JAVA_LONG, Abi.CONTEXT, context.address());
  }

  long qp() {
    return qp.address();
  }

  @Override
  public void close() {
    arena.close();
  }
}
