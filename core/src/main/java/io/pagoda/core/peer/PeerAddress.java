package io.pagoda.core.peer;

import java.net.InetSocketAddress;

/** Addresses of peers in words: {@code 10.0.0.1:7420}, {@code node-a:7420}, {@code [::1]:7420}. */
public final class PeerAddress {
  private static final int MOST_PORT = 65_535;

  private PeerAddress() {}

  /**
   * Returns an address, whose name is not looked up.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = port(text.substring(colon + 1));
    if (host.isEmpty() || port < 0) {
      throw new IllegalArgumentException(
          "'%s' is not a host and a port, such as 10.0.0.1:7420".formatted(text));
    }
    return InetSocketAddress.createUnresolved(host, port);
  }

  private static int port(String digits) {
    try {
      int port = Integer.parseInt(digits);
      return port <= MOST_PORT ? port : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
