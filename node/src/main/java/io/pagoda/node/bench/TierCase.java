package io.pagoda.node.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is moved, and how much of it at a time.
 *
 * @param blockBytes bytes of a block
 * @param pieceBytes bytes of what is moved of a block at a time: the block, or a part of it
 * @param depth how many pieces are under way
 * @param write whether they go to the tier
 */
record TierCase(long blockBytes, long pieceBytes, int depth, boolean write) {
  private static final long LEAST_BYTES_PER_SECOND = 2_000_000_000;
  private static final int CHANGES = 10;

  /**
   * Says how long a turn is: so long that what is under way changes ten times on a disk of 2 GB/s.
   * In a shorter one the end counts, when nothing new begins, and the last bytes are verified.
   *
   * @param least how long it is in any case
   */
  double turnSeconds(double least) {
    return Math.max(least, (double) CHANGES * depth * pieceBytes / LEAST_BYTES_PER_SECOND);
  }

  String name() {
    String way = write ? "tier.write" : "tier.read";
    return pieceBytes == blockBytes ? way : way + ".range";
  }

  /** {@return what it is in words} */
  Map<String, Object> params(String tier) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("tier", tier);
    params.put("block", BenchResult.size(blockBytes));
    if (pieceBytes != blockBytes) {
      params.put("range", BenchResult.size(pieceBytes));
    }
    params.put("depth", depth);
    return params;
  }

  @Override
  public String toString() {
    return "%s of %s, %d at a time".formatted(name(), BenchResult.size(pieceBytes), depth);
  }
}
