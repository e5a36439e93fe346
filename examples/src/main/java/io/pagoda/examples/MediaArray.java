package io.pagoda.examples;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pagoda.RdmaMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is told of an array that can be fetched.
 *
 * @param shape how long each dimension is, the slowest first
 * @param dtype what an element is: {@code uint8}, {@code float16}, {@code float32}
 * @param metadata how to get its bytes
 */
record MediaArray(List<Integer> shape, String dtype, RdmaMetadata metadata) {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_DIMENSIONS = 8;
  private static final int MAX_LENGTH = 1 << 20;

  MediaArray {
    shape = List.copyOf(shape);
    if (shape.isEmpty() || shape.size() > MAX_DIMENSIONS) {
      throw new IllegalArgumentException("An array has 1 to 8 dimensions: " + shape);
    }
    for (int length : shape) {
      if (length < 1 || length > MAX_LENGTH) {
        throw new IllegalArgumentException("A dimension is 1 to 2^20 long: " + shape);
      }
    }
    if (bytes(shape, dtype) != metadata.descriptors().getFirst().bytes()) {
      throw new IllegalArgumentException(
          "%s of %s is not %d bytes"
              .formatted(shape, dtype, metadata.descriptors().getFirst().bytes()));
    }
  }

  static long bytes(List<Integer> shape, String dtype) {
    long bytes = switch (dtype) {
      case "uint8" -> 1;
      case "float16" -> 2;
      case "float32" -> 4;
      default -> throw new IllegalArgumentException("Nobody knows elements of " + dtype);
    };
    for (int length : shape) {
      bytes = Math.multiplyExact(bytes, length);
    }
    return bytes;
  }

  String toJson() {
    return "{\"shape\":%s,\"dtype\":\"%s\",\"rdma\":%s}".formatted(shape, dtype, metadata.toJson());
  }

  /** Reads what {@link #toJson} has written. */
  static MediaArray parse(String json) throws IOException {
    List<Integer> shape = new ArrayList<>();
    String dtype = "";
    String metadata = "";
    try (JsonParser in = JSON.createParser(json)) {
      in.nextToken();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        in.nextToken();
        switch (field) {
          case "shape" -> {
            while (in.nextToken() != JsonToken.END_ARRAY) {
              shape.add(in.getIntValue());
            }
          }
          case "dtype" -> dtype = in.getText();
          case "rdma" -> {
            int start = (int) in.currentTokenLocation().getCharOffset();
            in.skipChildren();
            int end = (int) in.currentTokenLocation().getCharOffset() + 1;
            metadata = json.substring(start, end);
          }
          default -> throw new IOException("Nobody knows the field " + field);
        }
      }
    }
    return new MediaArray(shape, dtype, RdmaMetadata.parse(metadata));
  }
}
