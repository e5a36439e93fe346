package io.pagoda.core.connect;

import io.pagoda.RdmaMetadata;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Payloads as text: compressed, and then base64 behind {@code b64:}. Digits in hexadecimal without
 * it are read too. What a stranger sends is inflated to no more than {@link Payload#MAX_BYTES}.
 *
 * @param seal what shows that a payload is as it was written
 */
record PayloadText(Seal seal) {
  private static final String PREFIX = "b64:";
  private static final int LEVEL = 6;
  private static final int FIRST_BYTES = 4 << 10;

  RdmaMetadata write(Payload payload) {
    String text = PREFIX + Base64.getEncoder().encodeToString(deflate(payload.encode(seal)));
    RdmaMetadata metadata =
        new RdmaMetadata(payload.descriptors(), text, payload.key().toString(), payload.kind());
    if (metadata.toJson().length() > RdmaMetadata.MAX_CHARS) {
      throw Troubles.shape(
          "its metadata has more than %d characters: expose fewer stretches at once"
              .formatted(RdmaMetadata.MAX_CHARS));
    }
    return metadata;
  }

  /**
   * Opens metadata.
   *
   * @throws io.pagoda.ConnectorException if its payload is none, or says something else than it
   */
  Payload read(RdmaMetadata metadata) {
    Payload payload = Payload.decode(inflate(compressed(metadata.payload())), seal);
    boolean same = payload.kind() == metadata.kind()
        && payload.key().toString().equals(metadata.notificationKey())
        && payload.descriptors().equals(metadata.descriptors());
    if (!same) {
      throw Troubles.metadata("its payload is of another operation");
    }
    return payload;
  }

  private static byte[] compressed(String text) {
    try {
      return text.startsWith(PREFIX) ? base64(text) : HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw Troubles.metadata("its payload is neither base64 nor hexadecimal", e);
    }
  }

  /** Also the bits that base64 leaves over are as they were written. */
  private static byte[] base64(String text) {
    byte[] characters = text.getBytes(StandardCharsets.ISO_8859_1);
    int start = PREFIX.length();
    ByteBuffer decoded =
        Base64.getDecoder().decode(ByteBuffer.wrap(characters, start, characters.length - start));
    byte[] bytes = new byte[decoded.remaining()];
    decoded.get(bytes);
    int last = bytes.length % 3 == 0 ? 3 : bytes.length % 3;
    byte[] tail = Base64.getEncoder()
        .encode(Arrays.copyOfRange(bytes, Math.max(0, bytes.length - last), bytes.length));
    int from = Math.max(start, characters.length - tail.length);
    if (!Arrays.equals(characters, from, characters.length, tail, 0, tail.length)) {
      throw Troubles.metadata("its payload was changed");
    }
    return bytes;
  }

  private static byte[] deflate(byte[] bytes) {
    Deflater deflater = new Deflater(LEVEL);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] out = new byte[FIRST_BYTES];
      int length = 0;
      while (!deflater.finished()) {
        out = length == out.length ? Arrays.copyOf(out, 2 * length) : out;
        length += deflater.deflate(out, length, out.length - length);
      }
      return Arrays.copyOf(out, length);
    } finally {
      deflater.end();
    }
  }

  private static byte[] inflate(byte[] bytes) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes);
      byte[] out = new byte[FIRST_BYTES];
      int length = 0;
      while (!inflater.finished()) {
        out = length == out.length ? larger(out) : out;
        int more = inflater.inflate(out, length, out.length - length);
        length += more;
        if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw Troubles.metadata("its payload is cut short");
        }
      }
      if (inflater.getRemaining() > 0) {
        throw Troubles.metadata("its payload goes on behind its end");
      }
      return Arrays.copyOf(out, length);
    } catch (DataFormatException e) {
      throw Troubles.metadata("its payload is not compressed as it should be", e);
    } finally {
      inflater.end();
    }
  }

  private static byte[] larger(byte[] full) {
    if (full.length >= Payload.MAX_BYTES) {
      throw Troubles
          .metadata("its payload would be more than %d bytes".formatted(Payload.MAX_BYTES));
    }
    return Arrays.copyOf(full, 2 * full.length);
  }
}
