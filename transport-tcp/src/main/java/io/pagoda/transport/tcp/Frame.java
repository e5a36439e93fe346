package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The frames of a connection, as docs/transport-format.md lays them out: a header of 32 bytes, a
 * body, a payload.
 */
final class Frame {
  static final int VERSION = 1;
  static final long MAGIC = 0x3150_4354_4147_4150L; // PAGATCP1

  static final byte HELLO = 1;
  static final byte WELCOME = 2;
  static final byte PROOF = 3;
  static final byte READ = 4;
  static final byte WRITE = 5;
  static final byte TELL = 6;
  static final byte DATA = 7;
  static final byte END = 8;
  static final byte PING = 9;
  static final byte BYE = 10;

  /** In a header's flags: every range has a CRC in the body. */
  static final byte CHECKED = 1;
  /** In the flags of a read: the answer is to be checked. */
  static final byte WANT_CHECKS = 2;

  static final int HEADER_BYTES = 32;
  static final int TOKEN_BYTES = 16;
  /** Of a piece: the token, the number of the transfer. */
  static final int REQUEST_BYTES = TOKEN_BYTES + Long.BYTES;
  static final int RANGE_BYTES = 16;
  static final int CRC_BYTES = 4;
  /** Ranges of one piece: as many as one system call takes, beside the header. */
  static final int MAX_RANGES = 1000;
  static final int MAX_MESSAGE_BYTES = 16 << 10;
  static final int MAX_BODY_BYTES = REQUEST_BYTES + MAX_RANGES * (RANGE_BYTES + CRC_BYTES);
  static final int MAX_REASON_BYTES = 1 << 10;

  static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final int CRC_AT = HEADER_BYTES - CRC_BYTES;

  byte type;
  byte flags;
  int status;
  int bodyBytes;
  long id;
  long payloadBytes;
  int ranges;

  private Frame() {}

  static Frame empty() {
    return new Frame();
  }

  /** Writes a header whose body is of {@code bodyBytes}, and returns how long both are. */
  static int header(
      MemorySegment at, int type, int flags, int bodyBytes, long id, long payloadBytes) {
    return header(at, new int[] {type, flags, 0, 0}, bodyBytes, id, payloadBytes);
  }

  /** As {@link #header}, also with a status and a number of ranges. */
  static int header(MemorySegment at, int[] kind, int bodyBytes, long id, long payloadBytes) {
    at.set(JAVA_BYTE, 0, (byte) kind[0]);
    at.set(JAVA_BYTE, 1, (byte) kind[1]);
    at.set(SHORT, 2, (short) kind[2]);
    at.set(INT, 4, bodyBytes);
    at.set(LONG, 8, id);
    at.set(LONG, 16, payloadBytes);
    at.set(INT, 24, kind[3]);
    at.set(INT, CRC_AT, crc(at.asSlice(0, CRC_AT)));
    return HEADER_BYTES + bodyBytes;
  }

  /** Reads a header, and returns whether it is one. */
  boolean read(MemorySegment at) {
    type = at.get(JAVA_BYTE, 0);
    flags = at.get(JAVA_BYTE, 1);
    status = at.get(SHORT, 2) & 0xffff;
    bodyBytes = at.get(INT, 4);
    id = at.get(LONG, 8);
    payloadBytes = at.get(LONG, 16);
    ranges = at.get(INT, 24);
    return at.get(INT, CRC_AT) == crc(at.asSlice(0, CRC_AT));
  }

  static int crc(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.asByteBuffer());
    return (int) crc.getValue();
  }

  static void id(MemorySegment at, long offset, UUID id) {
    at.set(LONG, offset, id.getMostSignificantBits());
    at.set(LONG, offset + 8, id.getLeastSignificantBits());
  }

  static UUID id(MemorySegment at, long offset) {
    return new UUID(at.get(LONG, offset), at.get(LONG, offset + 8));
  }

  static void bytes(MemorySegment at, long offset, byte[] bytes) {
    MemorySegment.copy(bytes, 0, at, JAVA_BYTE, offset, bytes.length);
  }

  static byte[] bytes(MemorySegment at, long offset, int count) {
    return at.asSlice(offset, count).toArray(JAVA_BYTE);
  }

  /** {@return text of another, cut to what an answer may have} */
  static byte[] reason(String text) {
    byte[] all = text.getBytes(StandardCharsets.UTF_8);
    return all.length <= MAX_REASON_BYTES ? all : Arrays.copyOf(all, MAX_REASON_BYTES);
  }
}
