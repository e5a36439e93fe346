package io.pagoda.node.attach;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a JSON object: whole numbers, texts, lists, objects.
 *
 * @param values by name
 */
record Fields(Map<String, Object> values) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Reads one line.
   *
   * @throws RequestException if it is no object, or more than one
   */
  static Fields read(String line) throws RequestException {
    try (JsonParser parser = JSON.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new RequestException("a request is a JSON object");
      }
      Fields fields = object(parser);
      if (parser.nextToken() != null) {
        throw new RequestException("a request is one JSON object, and there is more");
      }
      return fields;
    } catch (JacksonException e) {
      throw new RequestException(
          "%s, at column %d".formatted(e.getOriginalMessage(), e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new IllegalStateException("a text in memory cannot be read", e);
    }
  }

  private static Fields object(JsonParser parser) throws IOException, RequestException {
    Map<String, Object> values = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      values.put(name, value(parser));
    }
    return new Fields(values);
  }

  private static Object value(JsonParser parser) throws IOException, RequestException {
    return switch (parser.currentToken()) {
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_STRING -> parser.getText();
      case START_OBJECT -> object(parser);
      case START_ARRAY -> list(parser);
      default -> throw new RequestException(
          "'%s' is neither a whole number nor a text, a list or an object"
              .formatted(parser.getText()));
    };
  }

  /** Lists of numbers are long: they do not become objects. */
  private static Object list(JsonParser parser) throws IOException, RequestException {
    List<Object> values = new ArrayList<>();
    long[] numbers = new long[16];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT && values.isEmpty()) {
        numbers = count < numbers.length ? numbers : Arrays.copyOf(numbers, 2 * count);
        numbers[count++] = parser.getLongValue();
      } else if (count > 0) {
        throw new RequestException("a list of numbers has something else in it");
      } else {
        values.add(value(parser));
      }
    }
    return count > 0 || values.isEmpty() ? Arrays.copyOf(numbers, count) : values;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  String text(String name) throws RequestException {
    if (value(name) instanceof String text) {
      return text;
    }
    throw new RequestException("'%s' must be a text".formatted(name));
  }

  /** {@return a whole number from 0 to {@code most}} */
  long number(String name, long most) throws RequestException {
    if (value(name) instanceof Long number && number >= 0 && number <= most) {
      return number;
    }
    throw new RequestException(
        "'%s' must be a whole number from 0 to %,d, not '%s'".formatted(name, most, value(name)));
  }

  /** {@return whole numbers} */
  long[] numbers(String name) throws RequestException {
    if (value(name) instanceof long[] numbers) {
      return numbers;
    }
    throw new RequestException("'%s' must be a list of whole numbers".formatted(name));
  }

  /** {@return objects, at least one} */
  List<Fields> objects(String name) throws RequestException {
    List<Fields> objects = new ArrayList<>();
    if (value(name) instanceof List<?> list) {
      for (Object each : list) {
        if (!(each instanceof Fields fields)) {
          throw new RequestException("'%s' must be a list of objects".formatted(name));
        }
        objects.add(fields);
      }
    }
    if (objects.isEmpty()) {
      throw new RequestException("'%s' must be a list of objects, at least one".formatted(name));
    }
    return objects;
  }

  private Object value(String name) throws RequestException {
    Object value = values.get(name);
    if (value == null) {
      throw new RequestException("'%s' is missing".formatted(name));
    }
    return value;
  }
}
