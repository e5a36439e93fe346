package io.pagoda.core.peer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the fields of a message, little-endian. */
final class MessageWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  MessageWriter octet(int value) {
    out.write(value);
    return this;
  }

  MessageWriter count(int value) {
    out.write(word.putInt(0, value).array(), 0, Integer.BYTES);
    return this;
  }

  MessageWriter number(long value) {
    out.writeBytes(word.putLong(0, value).array());
    return this;
  }

  /** Writes bytes whose number both sides know. */
  MessageWriter plain(byte[] value) {
    out.writeBytes(value);
    return this;
  }

  MessageWriter bytes(byte[] value) {
    return count(value.length).plain(value);
  }

  /** Writes text, of which no more than {@code most} bytes. */
  MessageWriter text(String value, int most) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    return bytes(encoded.length <= most ? encoded : Arrays.copyOf(encoded, most));
  }

  MessageWriter numbers(long[] values) {
    count(values.length);
    for (long value : values) {
      number(value);
    }
    return this;
  }

  MessageWriter counts(int[] values) {
    count(values.length);
    for (int value : values) {
      count(value);
    }
    return this;
  }

  byte[] end() {
    return out.toByteArray();
  }
}
