package io.pagoda.node.trace;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One line of a trace in Mooncake's format: an object with {@code timestamp} in milliseconds,
 * {@code input_length}, {@code output_length} and {@code hash_ids}, one per
 * {@value #TOKENS_PER_BLOCK} tokens. Other fields are skipped.
 */
final class MooncakeLine {
  /** Tokens in a block of such a trace. */
  static final int TOKENS_PER_BLOCK = 512;

  /** Tokens in a block of a trace of Bailian's, which is alike. */
  static final int BAILIAN_TOKENS_PER_BLOCK = 16;

  private static final JsonFactory JSON = new JsonFactory();

  private final JsonParser parser;
  private long timestampMillis = -1;
  private long inputTokens = -1;
  private long outputTokens = -1;
  private @Nullable List<Long> hashIds;

  private final int millisPerUnit;

  private MooncakeLine(JsonParser parser, int millisPerUnit) {
    this.parser = parser;
    this.millisPerUnit = millisPerUnit;
  }

  /**
   * Reads a line.
   *
   * @param millisPerUnit how many milliseconds the unit of a timestamp has
   * @throws IOException if it is not such an object; the message says why, without the place
   */
  static TraceRequest read(byte[] line, int length, int millisPerUnit) throws IOException {
    try (JsonParser parser = JSON.createParser(line, 0, length)) {
      return new MooncakeLine(parser, millisPerUnit).object();
    } catch (JacksonException e) {
      throw new IOException(
          "%s, at column %d".formatted(e.getOriginalMessage(), e.getLocation().getColumnNr()), e);
    }
  }

  private TraceRequest object() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("expected an object, got " + described());
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      field(parser.currentName());
    }
    if (parser.nextToken() != null) {
      throw new IOException("text after the object: " + described());
    }
    return checked();
  }

  private void field(String name) throws IOException {
    parser.nextToken();
    switch (name) {
      case "timestamp" -> timestampMillis = millis(name);
      case "input_length" -> inputTokens = whole(name, Integer.MAX_VALUE);
      case "output_length" -> outputTokens = whole(name, Integer.MAX_VALUE);
      case "hash_ids" -> hashIds = ids();
      default -> parser.skipChildren();
    }
  }

  private long millis(String name) throws IOException {
    long most = Long.MAX_VALUE / 1_000_000_000;
    if (millisPerUnit == 1) {
      return whole(name, most);
    }
    long units = whole(name, most);
    double part = parser.getDoubleValue() - units;
    return units * millisPerUnit + (long) (part * millisPerUnit);
  }

  /** A number from 0 to {@code most}; a fraction of a millisecond in a timestamp is dropped. */
  private long whole(String name, long most) throws IOException {
    if (!parser.currentToken().isNumeric()) {
      throw new IOException("'%s' must be a number, not %s".formatted(name, described()));
    }
    double value = parser.getDoubleValue();
    if (!(value >= 0 && value <= most)) {
      throw new IOException(
          "'%s' must be from 0 to %,d, not %s".formatted(name, most, parser.getText()));
    }
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        ? parser.getLongValue()
        : (long) value;
  }

  private List<Long> ids() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new IOException("'hash_ids' must be an array, not " + described());
    }
    List<Long> ids = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      ids.add(id());
    }
    return distinct(ids);
  }

  private long id() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new IOException("'hash_ids' must hold whole numbers, not " + described());
    }
    return parser.getLongValue();
  }

  /** An id stands for a whole prefix, so no prompt can hold it twice. */
  private static List<Long> distinct(List<Long> ids) throws IOException {
    Set<Long> seen = HashSet.newHashSet(ids.size());
    for (long id : ids) {
      if (!seen.add(id)) {
        throw new IOException("'hash_ids' holds %d twice; an id stands for a prefix".formatted(id));
      }
    }
    return ids;
  }

  private TraceRequest checked() throws IOException {
    List<Long> ids = hashIds;
    require("timestamp", timestampMillis >= 0);
    require("input_length", inputTokens >= 0);
    require("output_length", outputTokens >= 0);
    require("hash_ids", ids != null);
    return new TraceRequest(
        Duration.ofMillis(timestampMillis), inputTokens, outputTokens,
        ids == null ? List.of() : ids);
  }

  private static void require(String field, boolean present) throws IOException {
    if (!present) {
      throw new IOException("'%s' is missing".formatted(field));
    }
  }

  private String described() throws IOException {
    JsonToken token = parser.currentToken();
    return token == null ? "nothing" : "'%.40s'".formatted(parser.getText());
  }
}
