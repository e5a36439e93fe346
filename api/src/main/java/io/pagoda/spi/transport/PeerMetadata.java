package io.pagoda.spi.transport;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What one side tells the other so that it can connect. It travels by any road, as bytes; nothing
 * in it is secret.
 *
 * @param transport the type of the transport that wrote it
 * @param name what the peer calls itself
 * @param generation of the peer's transport
 * @param address where to connect, in the transport's own form
 * @param properties further facts, in the transport's own words
 */
public record PeerMetadata(
    String transport, String name, UUID generation, String address,
    Map<String, String> properties) {
  /** No encoding is longer. */
  public static final int MAX_BYTES = 16 << 10;

  private static final int MAX_PROPERTIES = 64;
  private static final byte[] MAGIC = {'P', 'G', 'P', 'M'};
  private static final int VERSION = 1;

  /** Copies the properties. */
  public PeerMetadata {
    properties = Map.copyOf(properties);
  }

  /**
   * Returns it as bytes, as docs/transport-format.md says.
   *
   * @throws IllegalArgumentException if they would be more than {@link #MAX_BYTES}
   */
  public byte[] encode() {
    MetadataWriter out = new MetadataWriter(MAGIC, VERSION);
    out.text(transport).text(name).id(generation).text(address).count(properties.size());
    properties.entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> out.text(entry.getKey()).text(entry.getValue()));
    return out.end(MAX_BYTES);
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws io.pagoda.PagodaException if it is not that: of another version, too long, cut short or
   *     changed
   */
  public static PeerMetadata decode(byte[] encoded) {
    MetadataReader in = new MetadataReader("peer metadata", encoded, MAGIC, VERSION, MAX_BYTES);
    String transport = in.text();
    String name = in.text();
    UUID generation = in.id();
    String address = in.text();
    int count = in.count(MAX_PROPERTIES);
    Map<String, String> properties = new HashMap<>();
    for (int i = 0; i < count; i++) {
      properties.put(in.text(), in.text());
    }
    in.end();
    return new PeerMetadata(transport, name, generation, address, properties);
  }
}
