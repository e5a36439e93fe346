package io.pagoda.node.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Splits a stream into lines, none longer than a limit, without holding more than one of them. */
final class Lines {
  /** No line may be longer: a file without line ends must not fill the memory. */
  static final int MAX_BYTES = 16 << 20;

  private final InputStream in;
  private final byte[] chunk = new byte[1 << 16];
  private int chunkAt;
  private int chunkEnd;
  private byte[] line = new byte[1 << 12];
  private int length;
  private long number;
  private long consumed;
  private boolean terminated;

  Lines(InputStream in) {
    this.in = in;
  }

  /**
   * Goes to the next line.
   *
   * @return whether there is one
   * @throws LineTooLongException if it is longer than {@link #MAX_BYTES}
   */
  boolean next() throws IOException {
    length = 0;
    terminated = false;
    boolean any = false;
    while (chunkAt < chunkEnd || refill()) {
      if (!any) {
        any = true;
        number++;
      }
      int end = lineEnd();
      append(end);
      if (end < chunkEnd) {
        skipLineEnd();
        return true;
      }
    }
    return any;
  }

  private boolean refill() throws IOException {
    chunkEnd = Math.max(0, in.read(chunk));
    chunkAt = 0;
    return chunkEnd > 0;
  }

  private int lineEnd() {
    int at = chunkAt;
    while (at < chunkEnd && chunk[at] != '\n') {
      at++;
    }
    return at;
  }

  private void append(int end) throws LineTooLongException {
    int more = end - chunkAt;
    if (length + more > MAX_BYTES) {
      throw new LineTooLongException();
    }
    if (length + more > line.length) {
      line = Arrays.copyOf(line, Math.max(length + more, 2 * line.length));
    }
    System.arraycopy(chunk, chunkAt, line, length, more);
    length += more;
    consumed += more;
    chunkAt = end;
  }

  private void skipLineEnd() {
    chunkAt++;
    consumed++;
    terminated = true;
  }

  /** {@return the bytes of the line, valid from 0 to {@link #length} until the next call} */
  byte[] bytes() {
    return line;
  }

  /** {@return how many bytes the line has, its end excluded} */
  int length() {
    return length;
  }

  /** {@return which line it is, from 1} */
  long number() {
    return number;
  }

  /** {@return whether the line has an end, which the last may lack} */
  boolean terminated() {
    return terminated;
  }

  /** {@return how many bytes of the stream lie behind} */
  long consumedBytes() {
    return consumed;
  }

  /** {@return whether the line holds nothing but white space} */
  boolean blank() {
    return new String(line, 0, length, StandardCharsets.ISO_8859_1).isBlank();
  }

  /** A line is longer than {@link #MAX_BYTES}. */
  static final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1;

    private LineTooLongException() {
      super("the line is longer than %,d bytes".formatted(MAX_BYTES));
    }
  }
}
