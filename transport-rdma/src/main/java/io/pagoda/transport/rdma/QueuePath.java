package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.pagoda.transport.rdma.VerbsNative.Function;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The way of a connected queue pair's packets, as its device says: what was asked for has come
 * there or has not.
 *
 * @param mtu bytes of a packet, at most
 * @param gid which of the port's GIDs it goes by
 * @param ackTimeout as InfiniBand counts it
 * @param retries how often it sends again what nobody acknowledges
 * @param receiverRetries how often it sends again what finds no place; 7 is for ever
 */
record QueuePath(int mtu, int gid, int ackTimeout, int retries, int receiverRetries) {
  static QueuePath of(Native.Qp qp, FfmVerbs.Caller caller) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(Abi.QP_BYTES, Long.BYTES);
      MemorySegment initial = arena.allocate(Abi.INIT_BYTES, Long.BYTES);
      caller.succeed(
          Function.IBV_QUERY_QP, qp.address, found.address(), Abi.QUERY_PATH, initial.address(), 0);
      return new QueuePath(
          Mtu.bytes(found.get(JAVA_INT, Abi.QP_MTU)), found.get(JAVA_BYTE, Abi.QP_GID) & 0xff,
          found.get(JAVA_BYTE, Abi.QP_TIMEOUT), found.get(JAVA_BYTE, Abi.QP_RETRIES),
          found.get(JAVA_BYTE, Abi.QP_RECEIVER_RETRIES));
    }
  }
}
