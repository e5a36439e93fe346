package io.pagoda.core.communicate;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a worker that prefills says of itself.
 *
 * @param name what it calls itself
 * @param geometry what it holds
 * @param transports which it has, preferred first
 */
record Greeting(String name, Geometry geometry, List<String> transports) {
  /** No encoding is longer. */
  static final int MAX_BYTES = 64 << 10;

  private static final int MOST_TRANSPORTS = 16;

  byte[] encode() throws IOException {
    return Talk.bytes(out -> {
      out.writeUTF(name);
      geometry.write(out);
      out.writeByte(transports.size());
      for (String transport : transports) {
        out.writeUTF(transport);
      }
    });
  }

  static Greeting decode(byte[] encoded) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      String name = in.readUTF();
      Geometry geometry = Geometry.read(in);
      List<String> transports = new ArrayList<>();
      int count = in.readUnsignedByte();
      if (count > MOST_TRANSPORTS) {
        throw new IOException(count + " transports are more than " + MOST_TRANSPORTS);
      }
      for (int i = 0; i < count; i++) {
        transports.add(in.readUTF());
      }
      return new Greeting(name, geometry, transports);
    }
  }
}
