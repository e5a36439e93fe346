package io.pagoda.node.attach;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the engine is answered.
 *
 * @param fields numbers, texts and truths, by name
 */
record Answer(Map<String, Object> fields) {
  private static final JsonFactory JSON = new JsonFactory();

  static Answer yes() {
    return new Answer(Map.of()).with("ok", (Object) true);
  }

  static Answer refusal(String why) {
    return new Answer(Map.of()).with("ok", (Object) false).with("error", why);
  }

  Answer with(String name, long value) {
    return with(name, (Object) value);
  }

  Answer with(String name, String value) {
    return with(name, (Object) value);
  }

  private Answer with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new Answer(more);
  }

  /** {@return one line} */
  String json() {
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      for (var field : fields.entrySet()) {
        switch (field.getValue()) {
          case Long number -> json.writeNumberField(field.getKey(), number);
          case Boolean truth -> json.writeBooleanField(field.getKey(), truth);
          default -> json.writeStringField(field.getKey(), field.getValue().toString());
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory does not fail
    }
    return text.toString();
  }
}
