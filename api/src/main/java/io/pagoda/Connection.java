package io.pagoda;

import io.pagoda.spi.transport.Road;

/**
 * The way to one peer, which all operations with it share. It is opened by the first of them, and
 * closed with its connector; when it is lost, its operations fail, and the next one opens another.
 */
public interface Connection {
  /** {@return what the peer calls itself} */
  String peer();

  /** {@return how bytes go, and why not a better way} */
  Road path();

  /** {@return whether it is open} */
  boolean alive();
}
