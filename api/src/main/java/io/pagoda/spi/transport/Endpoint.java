package io.pagoda.spi.transport;

/** The serving side of a transport. */
public interface Endpoint extends AutoCloseable {
  /** {@return what a peer needs to know to connect} */
  PeerMetadata metadata();

  /** Stops serving; a second call does nothing. */
  @Override
  void close();
}
