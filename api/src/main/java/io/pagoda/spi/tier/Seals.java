package io.pagoda.spi.tier;

import java.util.Objects;

/**
 * What is known of the blocks of a store beside their bytes, for a tier that gives them back after
 * a restart: which block comes before each, and the checksums of its bytes. A tier writes both
 * down and interprets neither.
 */
public final class Seals {
  private final long[] parents;
  private final int[] checksums;
  private final int perBlock;

  /**
   * Creates the seals of a batch. The arrays are given away: they must not change afterwards.
   *
   * @param parents for each block the upper and then the lower 64 bits of the key of the block
   *     before it; both 0 if there is none
   * @param checksums for each block its checksums, in order
   * @param perBlock how many checksums a block has, at least 1
   * @throws IllegalArgumentException if the arrays do not fit together
   */
  public Seals(long[] parents, int[] checksums, int perBlock) {
    if (perBlock < 1
        || (parents.length & 1) != 0
        || (long) checksums.length * 2 != (long) parents.length * perBlock) {
      throw new IllegalArgumentException(
          "Each block has two words of its parent's key and %d checksums: words=%d checksums=%d"
              .formatted(perBlock, parents.length, checksums.length));
    }
    this.parents = parents;
    this.checksums = checksums;
    this.perBlock = perBlock;
  }

  /** {@return how many blocks are sealed} */
  public int size() {
    return parents.length / 2;
  }

  /** {@return how many checksums each block has} */
  public int perBlock() {
    return perBlock;
  }

  /** {@return the upper 64 bits of the key of the block before that at {@code index}} */
  public long parentHigh(int index) {
    return parents[2 * index];
  }

  /** {@return the lower 64 bits of the key of the block before that at {@code index}} */
  public long parentLow(int index) {
    return parents[2 * index + 1];
  }

  /** {@return checksum number {@code which} of the block at {@code index}} */
  public int checksum(int index, int which) {
    return checksums[index * perBlock + Objects.checkIndex(which, perBlock)];
  }
}
