package io.pagoda.node.replay;

/** Bits that look random. */
final class Bits {
  private Bits() {}

  /** {@return a bijective scramble of {@code x}: two rounds of multiply and shift, then a shift} */
  static long mix(long x) {
    long a = (x ^ (x >>> 32)) * 0xd6e8_feb8_6659_fd93L;
    long b = (a ^ (a >>> 32)) * 0xd6e8_feb8_6659_fd93L;
    return b ^ (b >>> 32);
  }
}
