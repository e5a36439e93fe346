package io.pagoda.transport.rdma;

import java.util.Map;

/** How long a packet may be. Devices say it as a code: 1 for 256 bytes to 5 for 4,096. */
final class Mtu {
  /** By which name an endpoint tells those who are to connect to it. */
  static final String PROPERTY = "mtu";

  private static final int LEAST = 256;

  private Mtu() {}

  static int bytes(int code) {
    return LEAST >> 1 << code;
  }

  static int code(int bytes) {
    return Integer.numberOfTrailingZeros(Integer.highestOneBit(bytes) / (LEAST >> 1));
  }

  /** {@return what an endpoint tells of itself, in bytes; 0 if that is nothing that can be} */
  static int told(Map<String, String> properties) {
    String text = properties.getOrDefault(PROPERTY, "");
    int bytes = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
    return bytes >= LEAST ? Integer.highestOneBit(bytes) : 0;
  }
}
