package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.Map;

/** Addresses as Linux has them, and names of its errors. */
final class SocketAddresses {
  static final int AGAIN = 11;
  static final int INTERRUPTED = 4;
  static final int IN_PROGRESS = 115;
  private static final int ABORTED = 103;

  private static final Map<Integer, String> ERRORS = Map.ofEntries(
      Map.entry(12, "out of memory"), Map.entry(13, "permission denied"),
      Map.entry(23, "too many open files in the system"), Map.entry(24, "too many open files"),
      Map.entry(32, "the peer has closed the connection"), Map.entry(98, "address in use"),
      Map.entry(99, "no such address on this machine"), Map.entry(101, "network unreachable"),
      Map.entry(ABORTED, "connection aborted"), Map.entry(104, "connection reset by the peer"),
      Map.entry(110, "timed out"), Map.entry(111, "connection refused: nobody listens there"),
      Map.entry(113, "no route to host"));

  private static final short IPV4 = 2;
  private static final short IPV6 = 10;
  private static final int IPV4_BYTES = 16;
  private static final int IPV6_BYTES = 28;

  private SocketAddresses() {}

  /** {@return whether a connection was not taken for a reason that concerns no other} */
  static boolean passes(int result) {
    return result == -AGAIN || result == -INTERRUPTED || result == -ABORTED;
  }

  static int family(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address ? IPV4 : IPV6;
  }

  /** Writes an address, and returns how long it is. */
  static int write(InetSocketAddress address, MemorySegment into) {
    byte[] ip = address.getAddress().getAddress();
    boolean four = ip.length == 4;
    into.fill((byte) 0);
    into.set(JAVA_SHORT, 0, four ? IPV4 : IPV6);
    into.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) address.getPort());
    MemorySegment.copy(ip, 0, into, JAVA_BYTE, four ? 4 : 8, ip.length);
    if (address.getAddress() instanceof Inet6Address six) {
      into.set(JAVA_INT, 24, six.getScopeId());
    }
    return four ? IPV4_BYTES : IPV6_BYTES;
  }

  static InetSocketAddress read(MemorySegment from) throws UnknownHostException {
    boolean four = from.get(JAVA_SHORT, 0) == IPV4;
    byte[] ip = new byte[four ? 4 : 16];
    MemorySegment.copy(from, JAVA_BYTE, four ? 4 : 8, ip, 0, ip.length);
    int port = from.get(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2) & 0xffff;
    return new InetSocketAddress(InetAddress.getByAddress(ip), port);
  }

  /** {@return {@code result}, if it is no error} */
  static int check(int result, String what, Object where) throws IOException {
    if (result < 0) {
      throw failure(result, "cannot " + what + " " + where);
    }
    return result;
  }

  static IOException failure(long result, String what) {
    return new IOException(what + ": " + ERRORS.getOrDefault((int) -result, "errno " + -result));
  }
}
