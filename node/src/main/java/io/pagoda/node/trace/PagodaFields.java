package io.pagoda.node.trace;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of one line: whole numbers, texts, lists of either, and objects as they are written.
 *
 * @param values by name
 */
record PagodaFields(Map<String, Object> values) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Reads a line.
   *
   * @throws IOException if it is no such object; the message says why, without the place
   */
  static PagodaFields read(byte[] line, int length) throws IOException {
    try (JsonParser parser = JSON.createParser(line, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("expected an object");
      }
      Map<String, Object> values = new HashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        values.put(name, value(parser));
      }
      if (parser.nextToken() != null) {
        throw new IOException("text after the object");
      }
      return new PagodaFields(values);
    } catch (JacksonException e) {
      throw new IOException(
          "%s, at column %d".formatted(e.getOriginalMessage(), e.getLocation().getColumnNr()), e);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case START_ARRAY -> list(parser);
      case START_OBJECT -> text(parser);
      default -> parser.getText();
    };
  }

  private static List<Object> list(JsonParser parser) throws IOException {
    List<Object> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(parser));
    }
    return values;
  }

  private static String text(JsonParser parser) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.copyCurrentStructure(parser);
    }
    return text.toString();
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** {@return a whole number from 0 to {@code most}} */
  long number(String name, long most) throws IOException {
    return whole(name, value(name), most);
  }

  /** {@return a whole number from 0 to {@code most}} */
  int number(String name, int most) throws IOException {
    return (int) number(name, (long) most);
  }

  private static long whole(String name, Object value, long most) throws IOException {
    if (value instanceof Long number && number >= 0 && number <= most) {
      return number;
    }
    throw new IOException(
        "'%s' must be a whole number from 0 to %,d, not '%.40s'".formatted(name, most, value));
  }

  String text(String name) throws IOException {
    if (value(name) instanceof String text) {
      return text;
    }
    throw new IOException("'%s' must be a text".formatted(name));
  }

  List<String> texts(String name) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Object each : elements(name)) {
      if (!(each instanceof String text)) {
        throw new IOException("'%s' must be a list of texts".formatted(name));
      }
      texts.add(text);
    }
    return texts;
  }

  List<Long> numbers(String name) throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (Object each : elements(name)) {
      numbers.add(whole(name, each, Long.MAX_VALUE));
    }
    return numbers;
  }

  List<Integer> counts(String name) throws IOException {
    List<Integer> counts = new ArrayList<>();
    for (Object each : elements(name)) {
      counts.add((int) whole(name, each, Integer.MAX_VALUE));
    }
    return counts;
  }

  private List<?> elements(String name) throws IOException {
    if (value(name) instanceof List<?> list) {
      return list;
    }
    throw new IOException("'%s' must be a list".formatted(name));
  }

  private Object value(String name) throws IOException {
    Object value = values.get(name);
    if (value == null) {
      throw new IOException("'%s' is missing".formatted(name));
    }
    return value;
  }
}
