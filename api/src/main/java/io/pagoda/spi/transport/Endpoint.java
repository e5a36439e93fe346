package io.pagoda.spi.transport;

/**
 * The serving side of a transport: peers that connect to it may use every grant of the transport
 * that they know of.
 */
public interface Endpoint extends AutoCloseable {
  /** {@return what a peer needs to know to connect} */
  PeerMetadata metadata();

  /**
   * Takes no more connections; those that there are stay. A second call does nothing.
   */
  @Override
  void close();
}
