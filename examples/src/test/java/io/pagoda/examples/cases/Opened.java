package io.pagoda.examples.cases;

import io.pagoda.RdmaMetadata;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.InflaterInputStream;

/**
 * What is in metadata, for who pries.
 *
 * @param bytes the payload
 * @param peer where
 * @param data the right to the memory
 * @param control the right to tell something
 */
record Opened(byte[] bytes, PeerMetadata peer, GrantMetadata data, GrantMetadata control) {
  static Opened of(RdmaMetadata metadata) {
    byte[] packed = Base64.getDecoder().decode(metadata.payload().substring("b64:".length()));
    try (var in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
      byte[] bytes = in.readAllBytes();
      int data = find(bytes, "PGGM", 0);
      return new Opened(
          bytes, PeerMetadata.decode(part(bytes, find(bytes, "PGPM", 0))),
          GrantMetadata.decode(part(bytes, data)),
          GrantMetadata.decode(part(bytes, find(bytes, "PGGM", data + 1))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int find(byte[] bytes, String magic, int from) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(magic, from);
  }

  private static byte[] part(byte[] bytes, int at) {
    int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 8);
    return Arrays.copyOfRange(bytes, at, at + length);
  }

  /** {@return the same grant, with another token, and a window of another length} */
  GrantMetadata with(byte[] token, long window) {
    return new GrantMetadata(
        data.transport(), data.generation(), token, data.rights(), data.expiry(),
        new long[] {window}, data.keys());
  }

  /** {@return whether a number is in it, in either order of its bytes, without its lowest bits} */
  boolean contains(long address) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    for (int at = 0; at + Long.BYTES <= bytes.length; at++) {
      long big = in.order(ByteOrder.BIG_ENDIAN).getLong(at);
      long little = in.order(ByteOrder.LITTLE_ENDIAN).getLong(at);
      if (big >>> 12 == address >>> 12 || little >>> 12 == address >>> 12) {
        return true;
      }
    }
    return false;
  }
}
