package io.pagoda.spi.transport;

import java.util.Objects;

/**
 * A stretch of a region that a grant opens to peers, who see nothing beside it.
 *
 * @param region the memory it is of
 * @param offset where it starts in the region, in bytes
 * @param bytes how long it is, at least 1
 */
public record Window(Region region, long offset, long bytes) {
  /**
   * Checks that it lies within the region.
   *
   * @throws IndexOutOfBoundsException if not
   * @throws IllegalArgumentException if it is empty
   */
  public Window {
    if (bytes < 1) {
      throw new IllegalArgumentException("A window has at least 1 byte, not " + bytes);
    }
    Objects.checkFromIndexSize(offset, bytes, region.memory().byteSize());
  }

  /** {@return the whole of a region} */
  public static Window of(Region region) {
    return new Window(region, 0, region.memory().byteSize());
  }
}
