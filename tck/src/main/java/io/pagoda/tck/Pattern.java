package io.pagoda.tck;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Bytes that tell by themselves which block they are of and where in it: every byte depends on a
 * seed and on its position, so that a wrong, shifted or stale block differs almost everywhere.
 */
public final class Pattern {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Pattern() {}

  /** Fills {@code target} with the bytes of pattern {@code seed} from its first on. */
  public static void write(MemorySegment target, long seed) {
    write(target, seed, 0);
  }

  /**
   * Fills {@code target} with a part of a pattern.
   *
   * @param from the position within the pattern of the target's first byte
   */
  public static void write(MemorySegment target, long seed, long from) {
    long bytes = target.byteSize();
    long start = mix(seed);
    for (long i = 0; i < bytes;) {
      long position = from + i;
      long word = mix(start + (position >>> 3));
      if ((position & 7) == 0 && bytes - i >= Long.BYTES) {
        target.set(WORD, i, word);
        i += Long.BYTES;
      } else {
        target.set(ValueLayout.JAVA_BYTE, i, (byte) (word >>> (8 * (position & 7))));
        i++;
      }
    }
  }

  /** {@return {@code value} with every bit spread over all 64: a bijection} */
  static long mix(long value) {
    long mixed = (value ^ (value >>> 32)) * 0xd6e8feb86659fd93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8feb86659fd93L;
    return mixed ^ (mixed >>> 32);
  }
}
