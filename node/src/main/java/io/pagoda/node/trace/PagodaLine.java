package io.pagoda.node.trace;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.Outcome.End;
import io.pagoda.core.trace.TraceLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Reads the lines of a trace that a store wrote, all but the first of each part. */
final class PagodaLine {
  /** A key takes 16 bytes. */
  private static final int KEY_BYTES = 16;

  private PagodaLine() {}

  /**
   * Reads a line.
   *
   * @throws IOException if it is none; the message says why, without the place
   */
  static TraceLine read(byte[] line, int length) throws IOException {
    PagodaFields fields = PagodaFields.read(line, length);
    long at = fields.number("at", Long.MAX_VALUE / 1000);
    String op = fields.text("op");
    if (op.equals("dropped")) {
      return new TraceLine.Dropped(at, fields.number("lines", Long.MAX_VALUE));
    }
    long number = fields.number("n", Long.MAX_VALUE);
    return switch (op) {
      case "match" -> match(fields, number, at);
      case "fetch" -> fetch(fields, number, at);
      case "prefetch" ->
        new TraceLine.Prefetched(number, at, fields.number("match", Long.MAX_VALUE));
      case "put" -> new TraceLine.Put(number, at, keys(fields), namespace(fields));
      case "draft" -> draft(fields, number, at);
      case "launch" -> new TraceLine.Launched(number, at, fields.numbers("drafts"));
      case "close" -> new TraceLine.Closed(number, at);
      case "cancel" -> new TraceLine.Cancelled(number, at);
      case "reset" -> new TraceLine.Reset(number, at);
      case "emptied" -> new TraceLine.Emptied(number, at);
      case "end" -> new TraceLine.Ended(
          number, at, end(fields), fields.number("blocks", Integer.MAX_VALUE), micros(fields));
      case "finished" -> new TraceLine.Finished(
          number, at, fields.number("blocks", Integer.MAX_VALUE), micros(fields));
      default -> throw new IOException("'op' is '%.40s', which no version writes".formatted(op));
    };
  }

  private static TraceLine match(PagodaFields fields, long number, long at) throws IOException {
    BlockKeys keys = keys(fields);
    int found = fields.number("found", keys.size());
    return new TraceLine.Matched(number, at, keys, found, fields.counts("tiers"), micros(fields));
  }

  private static TraceLine fetch(PagodaFields fields, long number, long at) throws IOException {
    List<Long> matches = fields.numbers("matches");
    List<Integer> blocks = fields.counts("blocks");
    if (matches.size() != blocks.size()) {
      throw new IOException(
          "%d matches and %d numbers of blocks".formatted(matches.size(), blocks.size()));
    }
    return new TraceLine.Fetched(number, at, matches, blocks);
  }

  private static TraceLine draft(PagodaFields fields, long number, long at) throws IOException {
    BlockKeys keys = keys(fields);
    int found = fields.number("found", keys.size());
    return new TraceLine.Drafted(number, at, keys, namespace(fields), found);
  }

  private static long micros(PagodaFields fields) throws IOException {
    return fields.number("us", Long.MAX_VALUE);
  }

  private static Namespace namespace(PagodaFields fields) throws IOException {
    return new Namespace(fields.texts("namespace"));
  }

  private static End end(PagodaFields fields) throws IOException {
    String text = fields.text("end");
    return Arrays.stream(End.values())
        .filter(end -> end.name().equals(text))
        .findFirst()
        .orElseThrow(() -> new IOException("'end' is '%.40s'".formatted(text)));
  }

  private static BlockKeys keys(PagodaFields fields) throws IOException {
    byte[] bytes = decoded(fields.text("keys"));
    if (bytes.length % KEY_BYTES != 0) {
      throw new IOException(
          "'keys' has %d bytes, which make no whole keys".formatted(bytes.length));
    }
    LongBuffer longs = ByteBuffer.wrap(bytes).asLongBuffer();
    long[] words = new long[longs.remaining()];
    longs.get(words);
    return BlockKeys.ofWords(words);
  }

  private static byte[] decoded(String text) throws IOException {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("'keys' is not Base64: " + e.getMessage(), e);
    }
  }
}
