package io.pagoda.remote.objects;

import io.pagoda.spi.tier.Recoverable.SealShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What all objects of a tier have in common. What differs in it has another fingerprint, and is not
 * found.
 *
 * @param blockBytes bytes of a block
 * @param checksums how many checksums seal a block
 * @param layout fingerprint of what the checksums are of
 * @param fingerprint over the others, and what objects are encrypted with
 * @param encrypted whether they are: one that is not, under this name, was not written with the key
 */
record ObjectShape(
    long blockBytes, int checksums, long layout, long fingerprint, boolean encrypted) {
  private static final byte[] DOMAIN = "pagoda-objects-1".getBytes(StandardCharsets.US_ASCII);

  /**
   * Describes objects.
   *
   * @param secret identifies what they are encrypted with, 0 if they are not
   */
  static ObjectShape of(long blockBytes, SealShape seals, long secret) {
    ByteBuffer words = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    words.putLong(blockBytes).putInt(seals.checksums()).putLong(seals.layout()).putLong(secret);
    MessageDigest digest = sha256();
    digest.update(DOMAIN);
    digest.update(words.array());
    long fingerprint = ByteBuffer.wrap(digest.digest()).order(ByteOrder.BIG_ENDIAN).getLong();
    return new ObjectShape(blockBytes, seals.checksums(), seals.layout(), fingerprint, secret != 0);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }

  /** {@return bytes of the header of an object of so many blocks} */
  int headerBytes(int blocks) {
    int bytes = ObjectHeader.FIXED_BYTES + blocks * entryBytes() + Integer.BYTES;
    return Math.ceilDiv(bytes, 8) * 8;
  }

  /** {@return bytes of what a header says of one block} */
  int entryBytes() {
    return ObjectHeader.ENTRY_BYTES + checksums * Integer.BYTES;
  }

  /** {@return where a block begins in an object of so many that are kept as they are} */
  long plainAt(int blocks, int index) {
    return headerBytes(blocks) + index * blockBytes;
  }

  /** {@return bytes of an object of so many blocks that are kept as they are} */
  long plainBytes(int blocks) {
    return headerBytes(blocks) + blocks * blockBytes;
  }
}
