package io.pagoda.spi.device;

/**
 * What a device holds of every block at equal distances: a tensor of a layer, for instance.
 *
 * @param address where the stripe's part of block 0 starts in device memory
 * @param stride from the part of a block to that of the next, in bytes
 * @param offset where the part is in a whole block, in bytes
 * @param bytes of the part, at least 1
 */
public record Stripe(long address, long stride, long offset, long bytes) {
  /** Checks the values. */
  public Stripe {
    if (address == 0 || stride < 0 || offset < 0 || bytes < 1) {
      throw new IllegalArgumentException(
          "A stripe is somewhere and has at least 1 byte: address=%x stride=%d offset=%d bytes=%d"
              .formatted(address, stride, offset, bytes));
    }
  }
}
