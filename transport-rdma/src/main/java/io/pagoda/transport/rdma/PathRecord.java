package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** A way over Ethernet as the connection manager takes it from a program, in place of its own. */
final class PathRecord {
  static final int BYTES = 72;

  /** The one way there is, for all messages, in both directions. */
  private static final int FLAGS = 43;

  private static final int DATA = 8;
  private static final int TARGET = DATA + 8;
  private static final int SOURCE = DATA + 24;
  private static final int HOPS = DATA + 44;
  private static final int REVERSIBLE = DATA + 49;
  private static final int KEY = DATA + 50;
  private static final int MTU = DATA + 54;
  private static final int RATE = DATA + 55;
  private static final int LIFETIME = DATA + 56;
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
    MemorySegment to = arena.allocate(BYTES, Long.BYTES);
    MemorySegment all = VerbsNative.everything();
    to.set(JAVA_INT, 0, FLAGS);
    MemorySegment.copy(all, id.address + Abi.ID_DGID, to, TARGET, GID_BYTES);
    MemorySegment.copy(all, id.address + Abi.ID_SGID, to, SOURCE, GID_BYTES);
    to.set(JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN), HOPS, MOST_HOPS);
    to.set(JAVA_BYTE, REVERSIBLE, (byte) 0x81);
    to.set(JAVA_SHORT, KEY, (short) 0xffff);
    to.set(JAVA_BYTE, MTU, (byte) (EXACTLY | Mtu.code(mtu)));
    to.set(JAVA_BYTE, RATE, (byte) EXACTLY); // 0: as fast as the port
    to.set(JAVA_BYTE, LIFETIME, (byte) (EXACTLY | lifetime));
    return to;
  }
}
