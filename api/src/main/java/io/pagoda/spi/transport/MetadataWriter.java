package io.pagoda.spi.transport;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Writes metadata: magic, version, length, fields, CRC32C; little-endian. */
final class MetadataWriter {
  /** Magic, version, and the length of the whole. */
  static final int HEADER_BYTES = 12;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  MetadataWriter(byte[] magic, int version) {
    out.writeBytes(magic);
    count(version).count(0);
  }

  MetadataWriter number(long value) {
    out.writeBytes(word.putLong(0, value).array());
    return this;
  }

  MetadataWriter count(int value) {
    out.write(word.putInt(0, value).array(), 0, Integer.BYTES);
    return this;
  }

  MetadataWriter bytes(byte[] value) {
    count(value.length);
    out.writeBytes(value);
    return this;
  }

  MetadataWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  MetadataWriter id(UUID value) {
    return number(value.getMostSignificantBits()).number(value.getLeastSignificantBits());
  }

  byte[] end(int maxBytes) {
    count(0);
    byte[] all = out.toByteArray();
    if (all.length > maxBytes) {
      throw new IllegalArgumentException(
          "Metadata of %d bytes is longer than %d".formatted(all.length, maxBytes));
    }
    ByteBuffer buffer = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(HEADER_BYTES - Integer.BYTES, all.length);
    CRC32C crc = new CRC32C();
    crc.update(all, 0, all.length - Integer.BYTES);
    buffer.putInt(all.length - Integer.BYTES, (int) crc.getValue());
    return all;
  }
}
