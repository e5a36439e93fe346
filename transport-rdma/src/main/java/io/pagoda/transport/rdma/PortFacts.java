package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.pagoda.transport.rdma.VerbsNative.Function;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the port of a device says of itself.
 *
 * @param mtu bytes of a packet, at most
 * @param ethernet whether it is RoCE
 */
record PortFacts(int mtu, boolean ethernet) {
  /** {@return those of the port that an identifier is bound to} */
  static PortFacts of(Native.Context context, Native.Id id) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(Abi.PORT_BYTES, Long.BYTES);
      int port = VerbsNative.everything().get(JAVA_BYTE, id.address + Abi.ID_PORT);
      VerbsNative.succeed(Function.IBV_QUERY_PORT, context.address, port, found.address(), 0, 0);
      return new PortFacts(
          Mtu.bytes(found.get(JAVA_INT, Abi.PORT_MTU)),
          found.get(JAVA_BYTE, Abi.PORT_LINK_LAYER) == Abi.ETHERNET);
    }
  }
}
