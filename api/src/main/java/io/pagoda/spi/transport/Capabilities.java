package io.pagoda.spi.transport;

import io.pagoda.spi.Availability;
import java.util.Map;
import java.util.Set;

/**
 * What a transport can do on this machine.
 *
 * @param availability whether it runs at all, or with less than it could, and why
 * @param features what it offers beyond reads and writes of host memory
 * @param missing why it does not offer each of the other features, in a sentence for an operator
 * @param limits how much it takes at once
 */
public record Capabilities(
    Availability availability, Set<Feature> features, Map<Feature, String> missing, Limits limits) {
  /**
   * Copies both.
   *
   * @throws IllegalArgumentException unless every feature is either offered or missing
   */
  public Capabilities {
    features = Set.copyOf(features);
    missing = Map.copyOf(missing);
    for (Feature feature : Feature.values()) {
      if (features.contains(feature) == missing.containsKey(feature)) {
        throw new IllegalArgumentException(
            feature + " is either offered or missing for a reason, and not both");
      }
    }
  }

  /** What not every transport offers. */
  public enum Feature {
    /** Reads and writes device memory without passing through host memory. */
    DEVICE_MEMORY,
    /** Moves bytes without the peer's processor. */
    REMOTE_DMA,
    /** Protects bytes on the way against reading and change. */
    ENCRYPTED,
    /** Compares a checksum of every range behind its way. */
    CHECKED,
    /** Knows by a secret or a certificate, before anything else, who the peer is. */
    AUTHENTICATED,
    /** Moves the ranges of one batch over several connections or devices at once. */
    STRIPED
  }

  /**
   * How much a transport takes at once. More is refused with {@link IllegalArgumentException}.
   *
   * @param ranges of one batch, at most
   * @param rangeBytes of one range, at most
   * @param windows of one grant, at most
   * @param messageBytes of one notification, at most
   */
  public record Limits(int ranges, long rangeBytes, int windows, int messageBytes) {}
}
