package io.pagoda.core.connect;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * What the active side tells the passive one of an operation, as docs/connector-metadata.md says.
 *
 * @param what happened
 * @param key which operation it is
 * @param bytes how many were moved
 * @param checksums of each stretch, if they are to be compared; else none
 * @param reason why, of what went wrong, for people
 */
record Told(What what, UUID key, long bytes, int[] checksums, String reason) {
  /** More text is cut off. */
  static final int MAX_REASON = 512;

  private static final int HEADER = 1 + 16 + 8 + 4;

  /** What happened there. */
  enum What {
    /** Every byte has arrived. */
    DONE(0),
    /** It was called off. */
    CANCELLED(1),
    /** It failed. */
    FAILED(2),
    /** It took too long. */
    EXPIRED(3),
    /** Bytes arrived, and not those that were there. */
    CORRUPT(4);

    private final int code;

    What(int code) {
      this.code = code;
    }

    private static Optional<What> of(int code) {
      return Arrays.stream(values()).filter(one -> one.code == code).findFirst();
    }
  }

  static Told done(UUID key, long bytes, int... checksums) {
    return new Told(What.DONE, key, bytes, checksums, "");
  }

  static Told ended(What what, UUID key, String reason) {
    return new Told(what, key, 0, new int[0], reason);
  }

  /** {@return how many bytes the message has for so many checksums} */
  static int size(int checksums) {
    return HEADER + checksums * Integer.BYTES;
  }

  byte[] encode() {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    text = Arrays.copyOf(text, Math.min(text.length, MAX_REASON));
    ByteBuffer out = ByteBuffer.allocate(size(checksums.length) + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) what.code)
        .putLong(key.getMostSignificantBits())
        .putLong(key.getLeastSignificantBits())
        .putLong(bytes)
        .putInt(checksums.length);
    for (int one : checksums) {
      out.putInt(one);
    }
    return out.put(text).array();
  }

  /** Reads a message of anybody; nothing if it is none. */
  static Optional<Told> decode(byte[] message) {
    return message.length < HEADER
        ? Optional.empty()
        : What.of(message[0]).flatMap(what -> decode(what, message));
  }

  private static Optional<Told> decode(What what, byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).position(1);
    UUID key = new UUID(in.getLong(), in.getLong());
    long bytes = in.getLong();
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / Integer.BYTES) {
      return Optional.empty();
    }
    int[] checksums = new int[count];
    for (int i = 0; i < count; i++) {
      checksums[i] = in.getInt();
    }
    int text = Math.min(MAX_REASON, in.remaining());
    String reason = new String(message, in.position(), text, StandardCharsets.UTF_8);
    return Optional.of(new Told(what, key, bytes, checksums, reason));
  }
}
