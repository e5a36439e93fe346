package io.pagoda.core.communicate;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;

/**
 * The first that a worker that decodes says to whoever connects.
 *
 * @param secret whether it asks for a proof
 * @param nonce random bytes that the proof is of too
 */
record Hello(boolean secret, byte[] nonce) {
  /** Bytes of a nonce. */
  static final int NONCE_BYTES = 16;

  /** No encoding is longer. */
  static final int MAX_BYTES = 64;

  private static final int MAGIC = 0x50_47_4b_43; // PGKC
  private static final int VERSION = 1;

  byte[] encode() throws IOException {
    return Talk.bytes(out -> {
      out.writeInt(MAGIC);
      out.writeByte(VERSION);
      out.writeBoolean(secret);
      out.write(nonce);
    });
  }

  static Hello decode(byte[] encoded) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      if (in.readInt() != MAGIC) {
        throw new IOException("Whoever answers is no communicator of Pagoda");
      }
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IOException(
            "The peer speaks version %d, and this one %d".formatted(version, VERSION));
      }
      boolean secret = in.readBoolean();
      byte[] nonce = in.readAllBytes();
      if (nonce.length != NONCE_BYTES) {
        throw new IOException("A nonce has %d bytes, not %d".formatted(NONCE_BYTES, nonce.length));
      }
      return new Hello(secret, nonce);
    }
  }
}
