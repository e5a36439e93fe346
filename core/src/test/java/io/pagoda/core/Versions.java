package io.pagoda.core;

import io.pagoda.BlockKeys;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/** The bytes of a block, of which there are some versions: computed again they differ a little. */
final class Versions {
  static final int COUNT = 4;

  private Versions() {}

  /** {@return whether bytes are those of one version of a block} */
  static boolean one(long low, int from, int to, IntUnaryOperator bytes) {
    int version = (bytes.applyAsInt(from) - pattern(low, from)) & 0xFF;
    for (int at = from; at < to; at++) {
      if ((byte) (pattern(low, at) + version) != (byte) bytes.applyAsInt(at)) {
        return false;
      }
    }
    return version < COUNT;
  }

  /** {@return the keys of one of the paths of a tree, which often are the same} */
  static BlockKeys someKeys(SplittableRandom random, int maxDepth) {
    int depth = 1 + random.nextInt(maxDepth);
    long[] words = new long[2 * depth];
    long path = 1;
    for (int i = 0; i < depth; i++) {
      path = path * 3 + (random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0);
      words[2 * i] = path * 0x9E3779B97F4A7C15L;
      words[2 * i + 1] = path;
    }
    return BlockKeys.ofWords(words);
  }

  static byte pattern(long low, int at) {
    long mixed = (low + at * 0xD1B54A32D192ED03L) * 0x9E3779B97F4A7C15L;
    return (byte) (mixed >>> 56);
  }
}
