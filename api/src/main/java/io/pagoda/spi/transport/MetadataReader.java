package io.pagoda.spi.transport;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Reads metadata of a stranger: every length is compared with what is there before it is used. */
final class MetadataReader {
  private final String what;
  private final ByteBuffer in;

  MetadataReader(String what, byte[] encoded, byte[] magic, int version, int maxBytes) {
    this.what = what;
    in = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    int shortest = MetadataWriter.HEADER_BYTES + Integer.BYTES;
    check(
        encoded.length >= shortest && encoded.length <= maxBytes,
        encoded.length + " bytes are not " + shortest + " to " + maxBytes);
    byte[] found = Arrays.copyOf(encoded, magic.length);
    in.position(magic.length);
    check(Arrays.equals(found, magic), "it begins otherwise");
    int written = in.getInt();
    check(written == version, "it is of version " + written + ", and this reads " + version);
    check(in.getInt() == encoded.length, "it is not as long as it says");
    int end = encoded.length - Integer.BYTES;
    CRC32C crc = new CRC32C();
    crc.update(encoded, 0, end);
    check((int) crc.getValue() == in.getInt(end), "its checksum does not fit");
    in.limit(end);
  }

  void check(boolean right, String why) {
    if (!right) {
      throw new PagodaException(
          Fault.PERMANENT, "This is not %s: %s. Ask the peer for it again".formatted(what, why));
    }
  }

  long number() {
    check(in.remaining() >= Long.BYTES, "it is cut short");
    return in.getLong();
  }

  long positive() {
    long value = number();
    check(value > 0, value + " is not more than 0");
    return value;
  }

  int count(int most) {
    check(in.remaining() >= Integer.BYTES, "it is cut short");
    int value = in.getInt();
    check(value >= 0 && value <= most, value + " is not 0 to " + most);
    return value;
  }

  /** {@return how many things of {@code bytes} each follow, if so many can} */
  int countOf(int bytes, int most) {
    return count(Math.min(most, in.remaining() / bytes));
  }

  byte[] bytes(int most) {
    byte[] value = new byte[count(Math.min(most, in.remaining()))];
    check(in.remaining() >= value.length, "it is cut short");
    in.get(value);
    return value;
  }

  String text() {
    byte[] encoded = bytes(PeerMetadata.MAX_BYTES);
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(encoded));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new PagodaException(Fault.PERMANENT, "This is not " + what + ": no UTF-8", e);
    }
  }

  UUID id() {
    return new UUID(number(), number());
  }

  void end() {
    check(!in.hasRemaining(), "it goes on behind its end");
  }
}
