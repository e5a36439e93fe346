package io.pagoda.core.peer;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads a message of a stranger: every length is compared with what is there before it is used. */
final class MessageReader {
  private final ByteBuffer in;

  MessageReader(byte[] message) {
    in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Refuses the message, unless something is so. */
  void check(boolean right, String why) {
    if (!right) {
      throw new PagodaException(
          Fault.PERMANENT,
          "A peer says what cannot be understood: %s. Is it of another version?".formatted(why));
    }
  }

  int octet() {
    check(in.hasRemaining(), "it is cut short");
    return in.get() & 0xff;
  }

  int count(int most) {
    check(in.remaining() >= Integer.BYTES, "it is cut short");
    int value = in.getInt();
    check(value >= 0 && value <= most, value + " is not 0 to " + most);
    return value;
  }

  long number() {
    check(in.remaining() >= Long.BYTES, "it is cut short");
    return in.getLong();
  }

  byte[] plain(int length) {
    check(in.remaining() >= length, "it is cut short");
    byte[] value = new byte[length];
    in.get(value);
    return value;
  }

  byte[] bytes(int most) {
    return plain(count(Math.min(most, in.remaining())));
  }

  /** {@return text; what is no UTF-8 in it is replaced} */
  String text(int most) {
    return new String(bytes(most), StandardCharsets.UTF_8);
  }

  long[] numbers(int most) {
    long[] values = new long[count(Math.min(most, in.remaining() / Long.BYTES))];
    for (int i = 0; i < values.length; i++) {
      values[i] = number();
    }
    return values;
  }

  int[] counts(int most) {
    int[] values = new int[count(Math.min(most, in.remaining() / Integer.BYTES))];
    check(in.remaining() >= values.length * Integer.BYTES, "it is cut short");
    for (int i = 0; i < values.length; i++) {
      values[i] = in.getInt();
    }
    return values;
  }

  void end() {
    check(!in.hasRemaining(), "it goes on behind its end");
  }
}
