package io.pagoda;

/**
 * A stretch of a peer's memory.
 *
 * @param device where it is
 * @param address where it starts, as its device counts; not 0
 * @param bytes how long it is, at least 1
 */
public record RemoteDescriptor(Device device, long address, long bytes) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if it is empty, or at address 0
   */
  public RemoteDescriptor {
    if (address < 1 || bytes < 1) {
      throw new IllegalArgumentException(
          "A descriptor is of 1 byte at least and not at address 0: %d bytes at 0x%x"
              .formatted(bytes, address));
    }
  }
}
