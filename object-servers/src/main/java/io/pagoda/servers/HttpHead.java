package io.pagoda.servers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The head of a request or a response.
 *
 * @param raw as it came, the empty line included
 * @param start its first line
 * @param headers by their names in small letters; of those that are there twice the last
 */
record HttpHead(byte[] raw, String start, Map<String, String> headers) {
  private static final int LONGEST = 64 << 10;
  private static final int EMPTY_LINE = 0x0d0a0d0a;
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;
  private static final int OK = 200;

  /** {@return the next head, nothing at the end of a stream} */
  static Optional<HttpHead> read(InputStream in) throws IOException {
    var raw = new ByteArrayOutputStream();
    int last = 0;
    while (last != EMPTY_LINE) {
      int next = in.read();
      if (next < 0 && raw.size() == 0) {
        return Optional.empty();
      }
      if (next < 0 || raw.size() == LONGEST) {
        throw new IOException("A head ended early or has more than 64 KiB");
      }
      raw.write(next);
      last = last << 8 | next;
    }
    return Optional.of(parse(raw.toByteArray()));
  }

  private static HttpHead parse(byte[] raw) {
    String[] lines = new String(raw, StandardCharsets.ISO_8859_1).split("\r\n", -1);
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      String name = lines[i].substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
      headers.put(name, lines[i].substring(colon + 1).strip());
    }
    return new HttpHead(raw, lines[0], Map.copyOf(headers));
  }

  /** {@return a word of the first line, from 0} */
  String word(int index) {
    return start.split(" ", -1)[index];
  }

  /** {@return a response's status} */
  int status() {
    return Integer.parseInt(word(1));
  }

  boolean says(String header, String value) {
    return value.equalsIgnoreCase(headers.get(header));
  }

  /** {@return how a request's body ends} */
  Length ofRequest() {
    return length(new Length.Fixed(0));
  }

  /** {@return how a response's body ends} */
  Length ofResponse(String method) {
    boolean none = method.equals("HEAD")
        || status() < OK
        || status() == NO_CONTENT
        || status() == NOT_MODIFIED;
    return none ? new Length.Fixed(0) : length(new Length.UntilClosed());
  }

  private Length length(Length otherwise) {
    if (says("transfer-encoding", "chunked")) {
      return new Length.Chunked();
    }
    String length = headers.get("content-length");
    return length == null ? otherwise : new Length.Fixed(Long.parseLong(length));
  }

  /** How a body ends. */
  sealed interface Length {
    /** After so many bytes. */
    record Fixed(long bytes) implements Length {}

    /** With an empty chunk. */
    record Chunked() implements Length {}

    /** When the connection ends. */
    record UntilClosed() implements Length {}
  }
}
