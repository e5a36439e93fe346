package io.pagoda.spi.tier;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the blocks of a store beside their bytes, for a tier that gives them back after
 * a restart: which block comes before each, and the checksums of its bytes. A tier writes both
 * down and interprets neither. How deep in their prefixes blocks are is told where it is known, so
 * that a tier may keep neighbours together.
 */
public final class Seals {
  /** The depth of a block of which nobody knows how many come before it. */
  public static final int UNKNOWN_DEPTH = -1;

  private final long[] parents;
  private final int @Nullable [] depths;
  private final int[] checksums;
  private final int perBlock;

  /**
   * Creates the seals of a batch of which no depths are known. The arrays are given away: they must
   * not change afterwards.
   *
   * @param parents for each block the upper and then the lower 64 bits of the key of the block
   *     before it; both 0 if there is none
   * @param checksums for each block its checksums, in order
   * @param perBlock how many checksums a block has, at least 1
   * @throws IllegalArgumentException if the arrays do not fit together
   */
  public Seals(long[] parents, int[] checksums, int perBlock) {
    this(parents, null, checksums, perBlock);
  }

  /**
   * Creates the seals of a batch. The arrays are given away: they must not change afterwards.
   *
   * @param parents for each block the upper and then the lower 64 bits of the key of the block
   *     before it; both 0 if there is none
   * @param depths for each block how many blocks of its prefix come before it, or {@link
   *     #UNKNOWN_DEPTH}; {@code null} if that is known of none
   * @param checksums for each block its checksums, in order
   * @param perBlock how many checksums a block has, at least 1
   * @throws IllegalArgumentException if the arrays do not fit together
   */
  public Seals(long[] parents, int @Nullable [] depths, int[] checksums, int perBlock) {
    if (perBlock < 1
        || (depths != null && 2 * depths.length != parents.length)
        || (parents.length & 1) != 0
        || (long) checksums.length * 2 != (long) parents.length * perBlock) {
      throw new IllegalArgumentException(
          "Each block has two words of its parent's key and %d checksums: words=%d checksums=%d"
              .formatted(perBlock, parents.length, checksums.length));
    }
    this.parents = parents;
    this.depths = depths;
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

  /**
   * {@return how many blocks of its prefix come before the block at {@code index}, or {@link
   * #UNKNOWN_DEPTH}}
   */
  public int depth(int index) {
    return depths == null ? UNKNOWN_DEPTH : depths[index];
  }

  /** {@return checksum number {@code which} of the block at {@code index}} */
  public int checksum(int index, int which) {
    return checksums[index * perBlock + Objects.checkIndex(which, perBlock)];
  }
}
