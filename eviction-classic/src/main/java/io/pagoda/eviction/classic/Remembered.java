package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;

/*
 * Who is looked for is nearly never there. So eight blocks that may be in the same place have a tag
 * of a byte each, in one word: one look at memory tells that none is there, and the words of all
 * places are few enough to stay in a processor's cache.
 */
/**
 * Blocks that are gone, by identity: of each the epoch of its last use, and a note. When there is
 * no room for one more, that of which the last use is longest ago goes, of eight.
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> 17 bytes for each block.
 */
final class Remembered {
  static final int NONE = EvictionPolicy.NONE;

  private static final int WAYS = 8;
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  /** A byte for each block; 0 where none is. */
  private final long[] tags;

  /** Of each block its identity, and the epoch of its last use and the note. */
  private final long[] blocks;

  /**
   * Creates it with nothing in it.
   *
   * @param most how many blocks are remembered at most, rounded up to a multiple of 8
   */
  Remembered(int most) {
    tags = new long[Math.ceilDiv(most, WAYS)];
    blocks = new long[Math.multiplyExact(tags.length, 2 * WAYS)];
  }

  int epoch(int found) {
    return (int) (blocks[2 * found + 1] >>> 32);
  }

  int note(int found) {
    return (int) blocks[2 * found + 1];
  }

  /** {@return where a block is, or {@link #NONE}} */
  int find(long block) {
    long spread = block * SPREAD;
    int place = place(spread);
    long candidates = zeros(tags[place] ^ (tag(spread) * ONES));
    while (candidates != 0) {
      int at = place * WAYS + way(candidates);
      if (blocks[2 * at] == block && tagAt(at) != 0) {
        return at;
      }
      candidates &= candidates - 1;
    }
    return NONE;
  }

  /** {@return anything of what has to be seen to remember a block} */
  long seen(long block) {
    int place = place(block * SPREAD);
    return tags[place] ^ blocks[2 * WAYS * place + 1] ^ blocks[2 * WAYS * place + WAYS + 1];
  }

  private int place(long spread) {
    return (int) Math.unsignedMultiplyHigh(spread, tags.length);
  }

  private static long tag(long spread) {
    return 1 + (spread >>> 8 & 0xffff) % 255;
  }

  private long tagAt(int at) {
    return tags[at / WAYS] >>> (at % WAYS * Byte.SIZE) & 0xff;
  }

  /** {@return a word with the highest bit of each byte that is zero, and maybe of the one above} */
  private static long zeros(long word) {
    return (word - ONES) & ~word & HIGHS;
  }

  private static int way(long highBits) {
    return Long.numberOfTrailingZeros(highBits) / Byte.SIZE;
  }

  /**
   * Returns where a block would be that is not there: in a free place, or in that of the one to
   * forget.
   */
  int room(long block, int now) {
    int place = place(block * SPREAD);
    long free = zeros(tags[place]);
    return place * WAYS + (free != 0 ? way(free) : oldest(place * WAYS, now));
  }

  private int oldest(int from, int now) {
    int oldest = 0;
    for (int way = 1; way < WAYS; way++) {
      oldest = now - epoch(from + way) > now - epoch(from + oldest) ? way : oldest;
    }
    return oldest;
  }

  boolean isFree(int at) {
    return tagAt(at) == 0;
  }

  /** Remembers a block, where there is {@link #room}. */
  void put(int at, long block, int lastUse, int itsNote) {
    forget(at);
    blocks[2 * at] = block;
    blocks[2 * at + 1] = ((long) lastUse << 32) | (itsNote & 0xffff_ffffL);
    tags[at / WAYS] |= tag(block * SPREAD) << (at % WAYS * Byte.SIZE);
  }

  void forget(int at) {
    tags[at / WAYS] &= ~(0xffL << (at % WAYS * Byte.SIZE));
  }
}
