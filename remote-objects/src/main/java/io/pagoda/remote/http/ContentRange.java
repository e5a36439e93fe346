package io.pagoda.remote.http;

import java.io.IOException;
import java.util.Optional;

/**
 * Which bytes of an object a response has.
 *
 * @param first the first of them
 * @param total how many the whole object has
 */
public record ContentRange(long first, long total) {
  /** Reads it of a response with {@code length} bytes. */
  static ContentRange of(WireResponse head, long length) throws IOException {
    Optional<String> range = head.header("Content-Range");
    if (head.status() != 206 || range.isEmpty()) {
      return new ContentRange(0, length);
    }
    return parse(range.get());
  }

  /**
   * Reads {@code bytes 0-9/100}.
   *
   * @throws IOException if it is none
   */
  public static ContentRange parse(String text) throws IOException {
    int dash = text.indexOf('-');
    int slash = text.indexOf('/');
    try {
      return new ContentRange(
          Long.parseLong(text.substring("bytes ".length(), dash).strip()),
          Long.parseLong(text.substring(slash + 1).strip()));
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IOException("The range of a response cannot be read: " + text, e);
    }
  }
}
