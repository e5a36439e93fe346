package io.pagoda.spi.transport;

/** A connection to one peer. */
public interface Link extends AutoCloseable {
  /** {@return the road taken, and why not a better one, for people} */
  String path();

  /** {@return whether the peer was alive when last heard of} */
  boolean alive();

  /** Ends every transfer on the link, then the link; a second call does nothing. */
  @Override
  void close();
}
