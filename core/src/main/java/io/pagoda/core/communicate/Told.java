package io.pagoda.core.communicate;

import io.pagoda.KvArrival;
import io.pagoda.KvWrite;
import java.nio.ByteBuffer;

/** What a worker that decodes is told of a write. */
final class Told {
  private static final int BYTES = 2 * Integer.BYTES + Long.BYTES;

  private Told() {}

  static byte[] encode(KvWrite what) {
    return ByteBuffer.allocate(BYTES)
        .putInt(what.layer())
        .putInt(what.blocks())
        .putLong(what.tag())
        .array();
  }

  /** {@return what a peer has told; anything else than {@link #encode} wrote is refused} */
  static KvArrival decode(String peer, byte[] message) {
    if (message.length != BYTES) {
      throw new IllegalArgumentException(
          "A notification of a write has %d bytes, not %d".formatted(BYTES, message.length));
    }
    ByteBuffer in = ByteBuffer.wrap(message);
    return new KvArrival(peer, in.getInt(), in.getInt(), in.getLong());
  }
}
