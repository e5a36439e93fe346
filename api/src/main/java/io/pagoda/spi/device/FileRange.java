package io.pagoda.spi.device;

/**
 * Consecutive bytes of a file, and of a device's memory.
 *
 * @param position where they start in the file
 * @param offset where they start in the memory
 * @param bytes how many, at least 1
 */
public record FileRange(long position, long offset, long bytes) {
  /** Checks the values. */
  public FileRange {
    if (position < 0 || offset < 0 || bytes < 1) {
      throw new IllegalArgumentException(
          "A range is somewhere and has at least 1 byte: position=%d offset=%d bytes=%d"
              .formatted(position, offset, bytes));
    }
  }
}
