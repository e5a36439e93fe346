package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** A way over Ethernet as the connection manager takes it from a program, in place of its own. */
final class PathRecord {
  private static final int GID_BYTES = 16;
  private static final int EXACTLY = 2 << 6;
  private static final int MOST_HOPS = 64;

  private PathRecord() {}

  /**
   * {@return a way between the GIDs of an identifier whose address is known}
   *
   * @param mtu of its packets, in bytes
   * @param lifetime of a packet, 4.096 µs times two to this power
   */
  static MemorySegment write(Arena arena, Native.Id id, int mtu, int lifetime) {
    MemorySegment to = arena.allocate(Abi.PATH_BYTES, Long.BYTES);
    MemorySegment all = VerbsNative.everything();
    to.set(JAVA_INT, Abi.PATH_FLAGS, Abi.PATH_ONLY);
    MemorySegment.copy(all, id.address + Abi.ID_DGID, to, Abi.PATH_TARGET, GID_BYTES);
    MemorySegment.copy(all, id.address + Abi.ID_SGID, to, Abi.PATH_SOURCE, GID_BYTES);
    to.set(JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN), Abi.PATH_HOPS, MOST_HOPS);
    to.set(JAVA_BYTE, Abi.PATH_REVERSIBLE, (byte) 0x81);
    to.set(JAVA_SHORT, Abi.PATH_KEY, (short) 0xffff);
    to.set(JAVA_BYTE, Abi.PATH_MTU, (byte) (EXACTLY | Mtu.code(mtu)));
    to.set(JAVA_BYTE, Abi.PATH_RATE, (byte) EXACTLY); // 0: as fast as the port
    to.set(JAVA_BYTE, Abi.PATH_LIFETIME, (byte) (EXACTLY | lifetime));
    return to;
  }
}
