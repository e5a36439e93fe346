package io.pagoda.transport.rdma;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What the two sides of a link say to each other, as docs/transport-format.md says.
 *
 * @param type what it is
 * @param status of an answer
 * @param number what it is about
 * @param body the rest
 */
record Message(int type, int status, long number, byte[] body) {
  static final int HELLO = 1;
  static final int WELCOME = 2;
  static final int PROOF = 3;
  static final int READY = 4;
  static final int ENTER = 5;
  static final int GRANTED = 6;
  static final int REFUSED = 7;
  static final int TELL = 8;
  static final int TOLD = 9;
  static final int LEAVE = 10;
  static final int REVOKE = 11;
  static final int PING = 12;
  static final int BYE = 13;
  static final int JOIN = 14;

  static final int HEADER_BYTES = 16;
  /** A body is never longer. */
  static final int MAX_BODY_BYTES = 16_416;

  static final int SLOT_BYTES = HEADER_BYTES + MAX_BODY_BYTES;
  /** A notification is never longer. */
  static final int MAX_TOLD_BYTES = 16_384;

  private static final byte[] NOTHING = {};

  Message(int type, long number) {
    this(type, 0, number, NOTHING);
  }

  Message(int type, long number, byte[] body) {
    this(type, 0, number, body);
  }

  /**
   * Writes it.
   *
   * @param places to receive into that have become free again at this side
   */
  int encode(ByteBuffer into, int places) {
    into.clear().order(ByteOrder.LITTLE_ENDIAN);
    into.put((byte) type).put((byte) places).putShort((short) status).putInt(body.length);
    into.putLong(number).put(body);
    return into.position();
  }

  /** {@return what {@code bytes} bytes are, of which any may be wrong} */
  static java.util.Optional<Message> decode(ByteBuffer from, int bytes) {
    from.clear().order(ByteOrder.LITTLE_ENDIAN);
    if (bytes < HEADER_BYTES || bytes > SLOT_BYTES) {
      return java.util.Optional.empty();
    }
    int type = from.get();
    from.get();
    int status = from.getShort();
    int length = from.getInt();
    long number = from.getLong();
    if (type < HELLO || type > JOIN || length != bytes - HEADER_BYTES) {
      return java.util.Optional.empty();
    }
    byte[] body = new byte[length];
    from.get(body);
    return java.util.Optional.of(new Message(type, status, number, body));
  }

  /** {@return how many places the peer has free again, as what it says tells} */
  static int places(ByteBuffer from) {
    return from.get(1) & 0xff;
  }

  ByteBuffer read() {
    return ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Message that
        && type == that.type
        && status == that.status
        && number == that.number
        && Arrays.equals(body, that.body);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(number) + type;
  }
}
