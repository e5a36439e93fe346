package io.pagoda.remote.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the head of a response; those that only say that another follows are passed over.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class ResponseHead {
  private static final int MOST_BYTES = 64 << 10;

  private final Channel channel;
  private final ByteBuffer in;
  private byte[] line = new byte[256];
  private int length;
  private int total;

  /**
   * Begins.
   *
   * @param in what came and was not read yet, ready to be read from
   */
  ResponseHead(Channel channel, ByteBuffer in) {
    this.channel = channel;
    this.in = in;
  }

  /** Waits until something comes. */
  void awaitFirstByte() throws IOException {
    if (!in.hasRemaining()) {
      fill();
    }
  }

  WireResponse read() throws IOException {
    while (true) {
      WireResponse head = one();
      if (head.status() >= 200) {
        return head;
      }
    }
  }

  private WireResponse one() throws IOException {
    String status = next();
    if (!status.startsWith("HTTP/1.") || status.length() < 12) {
      throw new IOException("This is no HTTP/1.1: " + status);
    }
    List<String> headers = new ArrayList<>(24);
    for (String next = next(); !next.isEmpty(); next = next()) {
      int colon = next.indexOf(':');
      if (colon < 1) {
        throw new IOException("This is no header: " + next);
      }
      headers.add(next.substring(0, colon));
      headers.add(next.substring(colon + 1).strip());
    }
    return new WireResponse(status(status), status.substring(12).strip(), headers, new byte[0]);
  }

  private static int status(String line) throws IOException {
    try {
      return Integer.parseInt(line, 9, 12, 10);
    } catch (NumberFormatException e) {
      throw new IOException("This status is no number: " + line, e);
    }
  }

  private String next() throws IOException {
    length = 0;
    while (true) {
      if (!in.hasRemaining()) {
        fill();
      }
      byte next = in.get();
      if (next == '\n') {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        return new String(line, 0, end, StandardCharsets.ISO_8859_1);
      }
      add(next);
    }
  }

  private void add(byte next) throws IOException {
    if (++total > MOST_BYTES) {
      throw new IOException("The head of a response has more than " + MOST_BYTES + " bytes");
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, 2 * length);
    }
    line[length++] = next;
  }

  private void fill() throws IOException {
    in.clear();
    int bytes = channel.read(in);
    in.flip();
    if (bytes < 0) {
      throw new EOFException("The connection was closed before a response came");
    }
  }
}
