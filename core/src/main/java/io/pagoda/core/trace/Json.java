package io.pagoda.core.trace;

import io.pagoda.BlockKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;

/** Writes one JSON object on one line. */
final class Json {
  /** A key takes 16 bytes. */
  private static final int KEY_BYTES = 16;

  private final StringBuilder text = new StringBuilder("{");

  Json field(String name, long value) {
    name(name).append(value);
    return this;
  }

  Json field(String name, String value) {
    quote(name(name), value);
    return this;
  }

  Json field(String name, Collection<?> values) {
    StringBuilder out = name(name).append('[');
    String between = "";
    for (Object value : values) {
      out.append(between);
      between = ",";
      element(out, value);
    }
    out.append(']');
    return this;
  }

  private static void element(StringBuilder out, Object value) {
    switch (value) {
      case Number number -> out.append(number);
      case Json object -> out.append(object);
      default -> quote(out, value.toString());
    }
  }

  Json field(String name, Json value) {
    name(name).append(value);
    return this;
  }

  /** Adds keys, 16 bytes each, one after the other in Base64's alphabet for addresses. */
  Json keys(BlockKeys keys) {
    ByteBuffer bytes = ByteBuffer.allocate(KEY_BYTES * keys.size());
    for (int i = 0; i < keys.size(); i++) {
      bytes.putLong(keys.high(i)).putLong(keys.low(i));
    }
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    return field("keys", encoded);
  }

  private StringBuilder name(String name) {
    text.append(text.length() == 1 ? "" : ",");
    quote(text, name);
    return text.append(':');
  }

  private static void quote(StringBuilder out, String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /** {@return the object and a line end} */
  byte[] line() {
    return (this + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return text + "}";
  }
}
