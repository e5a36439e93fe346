package io.pagoda;

import java.util.List;

/**
 * What a peer needs to read or write memory that is exposed: JSON text for any road, as
 * docs/connector-metadata.md says. The field names are those of NIXL Connect.
 *
 * @param descriptors the stretches, in order, at least one
 * @param payload how to get there and the right to it: base64 of a compressed encoding behind
 *     {@code b64:}, or its bytes in hexadecimal digits
 * @param notificationKey which operation it is
 * @param kind what the active side may do
 */
public record RdmaMetadata(
    List<RemoteDescriptor> descriptors, String payload, String notificationKey,
    OperationKind kind) {
  /** No text is longer. */
  public static final int MAX_CHARS = 4 << 20;

  /** No operation has more descriptors. */
  public static final int MAX_DESCRIPTORS = 16_384;

  /** Copies the descriptors. */
  public RdmaMetadata {
    descriptors = List.copyOf(descriptors);
    if (descriptors.isEmpty()
        || descriptors.size() > MAX_DESCRIPTORS
        || payload.isEmpty()
        || notificationKey.isEmpty()) {
      throw new IllegalArgumentException(
          "Metadata has 1 to %d descriptors, a payload and a key: %d descriptors"
              .formatted(MAX_DESCRIPTORS, descriptors.size()));
    }
  }

  /** {@return it as JSON} */
  public String toJson() {
    return MetadataJson.write(this);
  }

  /**
   * Reads what {@link #toJson} has written.
   *
   * @throws ConnectorException if it is not that: too long, malformed, with another field or
   *     without one, or with a value that cannot be
   */
  public static RdmaMetadata parse(String json) {
    return new MetadataJson(json).read();
  }

  /** Tells all but the payload, which is as secret as the memory is. */
  @Override
  public String toString() {
    return "metadata of a %s of %d descriptors, %s"
        .formatted(kind, descriptors.size(), notificationKey);
  }
}
