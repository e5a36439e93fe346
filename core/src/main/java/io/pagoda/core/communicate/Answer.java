package io.pagoda.core.communicate;

import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;

/**
 * What a worker that decodes answers to a greeting.
 *
 * @param geometry what it holds
 * @param peer how to reach it
 * @param grant the right to write to it
 */
record Answer(Geometry geometry, PeerMetadata peer, GrantMetadata grant) {
  /** No encoding is longer. */
  static final int MAX_BYTES = GrantMetadata.MAX_BYTES + PeerMetadata.MAX_BYTES + (64 << 10);

  byte[] encode() throws IOException {
    byte[] way = peer.encode();
    byte[] right = grant.encode();
    return Talk.bytes(out -> {
      geometry.write(out);
      out.writeInt(way.length);
      out.write(way);
      out.writeInt(right.length);
      out.write(right);
    });
  }

  static Answer decode(byte[] encoded) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      Geometry geometry = Geometry.read(in);
      byte[] way = in.readNBytes(bounded(in.readInt(), PeerMetadata.MAX_BYTES));
      byte[] right = in.readNBytes(bounded(in.readInt(), GrantMetadata.MAX_BYTES));
      return new Answer(geometry, PeerMetadata.decode(way), GrantMetadata.decode(right));
    }
  }

  private static int bounded(int length, int most) throws IOException {
    if (length < 0 || length > most) {
      throw new IOException("%d bytes are not 0 to %d".formatted(length, most));
    }
    return length;
  }
}
