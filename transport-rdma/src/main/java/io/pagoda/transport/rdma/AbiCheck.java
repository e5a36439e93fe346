package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvMr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Compares what a device's structures hold, where {@link Abi} says it is, with what is known. */
final class AbiCheck {
  private static final long BYTES = 4096;

  private AbiCheck() {}

  /**
   * Looks at what a device has just made.
   *
   * @throws IOException if it is not where it should be: nothing may be done with it then
   */
  static void check(Device device) throws IOException {
    if (!(device.cq() instanceof Native.Cq cq)
        || !(device.context() instanceof Native.Context context)
        || !(device.completions() instanceof Native.Completions channel)) {
      return; // DiSNI's library was compiled
    }
    is("ibv_cq.context", VerbsNative.word(cq.address + Abi.CONTEXT), context.address);
    is("ibv_cq.channel", VerbsNative.word(cq.address + Abi.CQ_CHANNEL), channel.address);
    for (int operation : new int[] {Abi.OP_POLL, Abi.OP_NOTIFY, Abi.OP_SEND, Abi.OP_RECEIVE}) {
      if (VerbsNative.word(context.address + operation) == 0) {
        throw new IOException(
            "This libibverbs is not laid out as known: no operation at " + operation);
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(BYTES, BYTES);
      IbvMr registered = device.register(memory.address(), BYTES, Abi.LOCAL_WRITE);
      try {
        Native.Mr own = (Native.Mr) registered;
        is("ibv_mr.context", VerbsNative.word(own.address + Abi.MR_CONTEXT), context.address);
        is("ibv_mr.addr", own.getAddr(), memory.address());
        is("ibv_mr.length", own.bytes, BYTES);
      } finally {
        device.deregister(registered);
      }
    }
  }

  private static void is(String what, long found, long expected) throws IOException {
    if (found != expected) {
      throw new IOException(
          "This libibverbs is not laid out as known: %s is %x, and should be %x"
              .formatted(what, found, expected));
    }
  }
}
