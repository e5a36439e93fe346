package io.pagoda.node.replay;

import io.pagoda.BlockKey;

/**
 * A fetched block with a wrong byte.
 *
 * @param key which block was asked for
 * @param index which block of the prefix, from 0
 * @param firstWrongByte where in the block its first wrong byte is
 */
public record Mismatch(BlockKey key, int index, long firstWrongByte) {
  @Override
  public String toString() {
    return "block %s, number %,d of its prefix, is wrong from byte %,d on"
        .formatted(key, index, firstWrongByte);
  }
}
