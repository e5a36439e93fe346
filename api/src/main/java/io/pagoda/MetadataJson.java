package io.pagoda;

import io.pagoda.ConnectorException.Trouble;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes metadata as JSON. It reads one shape and nothing else, so it needs no more
 * memory than what it returns, whatever a stranger sends.
 */
final class MetadataJson {
  private static final String DESCRIPTORS = "descriptors";
  private static final String PAYLOAD = "nixl_metadata";
  private static final String KEY = "notification_key";
  private static final String KIND = "operation_kind";
  private static final Pattern DEVICE = Pattern.compile("cpu|cuda(:(0|[1-9][0-9]{0,3}))?");
  private static final int MAX_DIGITS = 19;
  private static final int MAX_NAME = 64;

  private final String text;
  private int at;

  MetadataJson(String text) {
    this.text = text;
    check(
        text.length() <= RdmaMetadata.MAX_CHARS,
        "%d characters are more than %d".formatted(text.length(), RdmaMetadata.MAX_CHARS));
  }

  static String write(RdmaMetadata metadata) {
    StringBuilder out = new StringBuilder("{\"").append(DESCRIPTORS).append("\":[");
    String comma = "";
    for (RemoteDescriptor one : metadata.descriptors()) {
      out.append(comma)
          .append("{\"device\":\"")
          .append(one.device())
          .append("\",\"ptr\":")
          .append(one.address())
          .append(",\"size\":")
          .append(one.bytes())
          .append('}');
      comma = ",";
    }
    return out.append("],\"")
        .append(PAYLOAD)
        .append("\":\"")
        .append(metadata.payload())
        .append("\",\"")
        .append(KEY)
        .append("\":\"")
        .append(metadata.notificationKey())
        .append("\",\"")
        .append(KIND)
        .append("\":")
        .append(metadata.kind().code())
        .append('}')
        .toString();
  }

  RdmaMetadata read() {
    List<RemoteDescriptor> descriptors = new ArrayList<>();
    Fields fields = new Fields();
    object(Set.of(DESCRIPTORS, PAYLOAD, KEY, KIND), name -> {
      switch (name) {
        case DESCRIPTORS -> descriptors(descriptors);
        case PAYLOAD -> fields.payload = string(RdmaMetadata.MAX_CHARS);
        case KEY -> fields.key = string(MAX_NAME);
        default -> fields.kind = kind();
      }
    });
    space();
    check(at == text.length(), "it goes on behind its end, at %d".formatted(at));
    OperationKind kind = fields.kind;
    if (kind == null || descriptors.isEmpty() || fields.payload.isEmpty() || fields.key.isEmpty()) {
      throw wrong("it has no descriptor, no payload, or no key");
    }
    return new RdmaMetadata(descriptors, fields.payload, fields.key, kind);
  }

  /** What was read. */
  private static final class Fields {
    private String payload = "";
    private String key = "";
    private @Nullable OperationKind kind;
  }

  private OperationKind kind() {
    long code = number();
    for (OperationKind kind : OperationKind.values()) {
      if (kind.code() == code) {
        return kind;
      }
    }
    throw wrong("operation_kind is 1 for READ or 2 for WRITE, not " + code);
  }

  private void descriptors(List<RemoteDescriptor> into) {
    expect('[');
    do {
      check(into.size() < RdmaMetadata.MAX_DESCRIPTORS, "it has too many descriptors");
      into.add(descriptor());
    } while (next(','));
    expect(']');
  }

  private RemoteDescriptor descriptor() {
    String[] device = {""};
    long[] numbers = new long[2];
    object(Set.of("device", "ptr", "size"), name -> {
      switch (name) {
        case "device" -> device[0] = string(MAX_NAME);
        case "ptr" -> numbers[0] = number();
        default -> numbers[1] = number();
      }
    });
    check(DEVICE.matcher(device[0]).matches(), "'%s' is no device".formatted(device[0]));
    check(numbers[0] != 0, "a descriptor is at address 0");
    check(numbers[1] > 0, "a descriptor has %d bytes".formatted(numbers[1]));
    return new RemoteDescriptor(Device.parse(device[0]), numbers[0], numbers[1]);
  }

  /** Reads the value of one field. */
  private interface FieldReader {
    void read(String name);
  }

  /** Reads an object that has every field once, and no other. */
  private void object(Set<String> names, FieldReader reader) {
    Set<String> missing = new HashSet<>(names);
    expect('{');
    do {
      String name = string(MAX_NAME);
      check(names.contains(name), "nobody knows the field '%s'".formatted(name));
      check(missing.remove(name), "the field '%s' is there twice".formatted(name));
      expect(':');
      reader.read(name);
    } while (next(','));
    expect('}');
    check(missing.isEmpty(), "it has no %s".formatted(missing));
  }

  /** Reads a string of plain characters, which is all that is written. */
  private String string(int most) {
    expect('"');
    int end = text.indexOf('"', at);
    check(end >= 0 && end - at <= most, "a text at %d has no end, or is too long".formatted(at));
    for (int i = at; i < end; i++) {
      char one = text.charAt(i);
      if (one < ' ' || one > '~' || one == '\\') {
        throw wrong("a text has a character at %d that no text here has".formatted(i));
      }
    }
    String value = text.substring(at, end);
    at = end + 1;
    return value;
  }

  private long number() {
    space();
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    int digits = at - start;
    check(
        digits > 0 && digits <= MAX_DIGITS && (digits == 1 || text.charAt(start) != '0'),
        "there is no whole number of at most %d digits at %d".formatted(MAX_DIGITS, start));
    try {
      return Long.parseLong(text, start, at, 10);
    } catch (NumberFormatException e) {
      throw wrong("the number at %d is too large".formatted(start), e);
    }
  }

  private boolean next(char wanted) {
    space();
    boolean there = at < text.length() && text.charAt(at) == wanted;
    if (there) {
      at++;
    }
    return there;
  }

  private void expect(char wanted) {
    check(next(wanted), "there is no '%s' at %d".formatted(wanted, at));
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private static void check(boolean right, String why) {
    if (!right) {
      throw wrong(why);
    }
  }

  private static ConnectorException wrong(String why) {
    return wrong(why, null);
  }

  private static ConnectorException wrong(String why, @Nullable Throwable cause) {
    return new ConnectorException(
        Trouble.METADATA, Fault.PERMANENT,
        "This is not metadata of an operation: %s. Ask the peer for it again".formatted(why),
        cause);
  }
}
