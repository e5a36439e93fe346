package io.pagoda.spi.transport;

import java.util.Map;

/**
 * What one side tells the other so that it can connect. Travels by any road; holds nothing secret
 * that the transport does not protect by itself.
 *
 * @param transport the type of the transport that wrote it
 * @param version of the format
 * @param address where to connect, in the transport's own form
 * @param properties further facts, in the transport's own words
 */
public record PeerMetadata(
    String transport, int version, String address, Map<String, String> properties) {
  /** Copies the properties. */
  public PeerMetadata {
    properties = Map.copyOf(properties);
  }
}
