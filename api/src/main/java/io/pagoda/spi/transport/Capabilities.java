package io.pagoda.spi.transport;

import io.pagoda.spi.Availability;
import java.util.Set;

/**
 * What a transport can do on this machine.
 *
 * @param availability whether it runs at all, and if not, why
 * @param features what it offers beyond reads and writes of host memory
 * @param maxRanges how many ranges one batch may have
 */
public record Capabilities(Availability availability, Set<Feature> features, int maxRanges) {
  /** Copies the features. */
  public Capabilities {
    features = Set.copyOf(features);
  }

  /** What not every transport offers. */
  public enum Feature {
    /** Reads and writes device memory without passing through host memory. */
    DEVICE_MEMORY,
    /** Moves bytes without the peer's processor. */
    REMOTE_DMA,
    /** Protects bytes on the way against reading and change. */
    ENCRYPTED
  }
}
