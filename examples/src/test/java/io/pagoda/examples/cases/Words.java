package io.pagoda.examples.cases;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Bytes that tell a place and a seed from every other. */
final class Words {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Words() {}

  private static long word(long seed, long index) {
    long mixed = (seed * 0x9E3779B97F4A7C15L) ^ (index + 0x632BE59BD9B4E019L);
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return mixed ^ (mixed >>> 29);
  }

  static void fill(MemorySegment memory, long seed) {
    long whole = memory.byteSize() / Long.BYTES;
    for (long i = 0; i < whole; i++) {
      memory.set(WORD, i * Long.BYTES, word(seed, i));
    }
    long last = word(seed, whole);
    for (long at = whole * Long.BYTES; at < memory.byteSize(); at++) {
      memory.set(ValueLayout.JAVA_BYTE, at, (byte) (last >>> (8 * (at % Long.BYTES))));
    }
  }

  /** {@return where the memory first differs from what {@link #fill} makes, or −1} */
  static long mismatch(MemorySegment memory, long seed) {
    long whole = memory.byteSize() / Long.BYTES;
    for (long i = 0; i < whole; i++) {
      if (memory.get(WORD, i * Long.BYTES) != word(seed, i)) {
        return i * Long.BYTES;
      }
    }
    long last = word(seed, whole);
    for (long at = whole * Long.BYTES; at < memory.byteSize(); at++) {
      if (memory.get(ValueLayout.JAVA_BYTE, at) != (byte) (last >>> (8 * (at % Long.BYTES)))) {
        return at;
      }
    }
    return -1;
  }

  /** {@return whether every byte is {@code value}} */
  static boolean all(MemorySegment memory, byte value) {
    long eight = (value & 0xffL) * 0x0101010101010101L;
    long whole = memory.byteSize() / Long.BYTES;
    for (long i = 0; i < whole; i++) {
      if (memory.get(WORD, i * Long.BYTES) != eight) {
        return false;
      }
    }
    for (long at = whole * Long.BYTES; at < memory.byteSize(); at++) {
      if (memory.get(ValueLayout.JAVA_BYTE, at) != value) {
        return false;
      }
    }
    return true;
  }
}
