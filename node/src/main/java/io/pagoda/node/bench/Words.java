package io.pagoda.node.bench;

import io.pagoda.PoolSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What blocks of benchmarks hold: words of eight bytes, each of which tells of which block it is,
 * and where in it. Written and compared chunk by chunk, by coordinates, apart from the code that is
 * measured.
 */
final class Words {
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private Words() {}

  /** Fills a block that is in one piece. */
  static void fill(MemorySegment block, long name) {
    fill(block, 0, block.byteSize(), name, 0);
  }

  /** {@return how many bytes of a block in one piece are wrong, word by word} */
  static long wrong(MemorySegment block, long name) {
    return wrong(block, 0, block.byteSize(), name, 0);
  }

  /** Fills a block of engine memory. */
  static void fill(PoolSpec spec, MemorySegment engine, int block, long name) {
    for (int chunk = 0; chunk < spec.chunksPerBlock(); chunk++) {
      fill(engine, at(spec, block, chunk), spec.chunkBytes(), name, chunk * spec.chunkBytes());
    }
  }

  /** {@return how many bytes of a block of engine memory are wrong, word by word} */
  static long wrong(PoolSpec spec, MemorySegment engine, int block, long name) {
    long wrong = 0;
    for (int chunk = 0; chunk < spec.chunksPerBlock(); chunk++) {
      long start = chunk * spec.chunkBytes();
      wrong += wrong(engine, at(spec, block, chunk), spec.chunkBytes(), name, start);
    }
    return wrong;
  }

  private static long at(PoolSpec spec, int block, int chunk) {
    return spec.offset(block, chunk / spec.tensors(), chunk % spec.tensors());
  }

  /** Fills a part of a block that lies anywhere, and starts {@code inBlock} in the block. */
  static void fill(MemorySegment memory, long at, long bytes, long name, long inBlock) {
    for (long i = 0; i < bytes; i += Long.BYTES) {
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at + i, word(name, inBlock + i));
    }
  }

  /** {@return how many bytes of such a part are wrong, word by word} */
  static long wrong(MemorySegment memory, long at, long bytes, long name, long inBlock) {
    long wrong = 0;
    for (long i = 0; i < bytes; i += Long.BYTES) {
      long word = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + i);
      wrong += word == word(name, inBlock + i) ? 0 : Long.BYTES;
    }
    return wrong;
  }

  /** {@return eight bytes that tell where they are; never zero for fewer than 2^31 blocks} */
  private static long word(long name, long inBlock) {
    return ((name + 1) << 32 ^ (inBlock + 1)) * STEP;
  }
}
