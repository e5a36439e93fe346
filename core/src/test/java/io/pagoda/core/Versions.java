package io.pagoda.core;

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

  static byte pattern(long low, int at) {
    long mixed = (low + at * 0xD1B54A32D192ED03L) * 0x9E3779B97F4A7C15L;
    return (byte) (mixed >>> 56);
  }
}
