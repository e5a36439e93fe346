package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.nio.ByteOrder;

/**
 * Whole numbers of 32 or 64 bits, where somebody else keeps them.
 *
 * @param memory the numbers, in native byte order
 * @param wide whether they have 64 bits
 */
record Ids(MemorySegment memory, boolean wide) {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfInt LITTLE_ENDIAN = INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  Ids {
    int bytes = wide ? Long.BYTES : Integer.BYTES;
    if (memory.byteSize() % bytes != 0 || memory.byteSize() / bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d bytes are not at most %d whole numbers of %d bytes"
              .formatted(memory.byteSize(), Integer.MAX_VALUE, bytes));
    }
  }

  static Ids of(int[] ids) {
    return new Ids(MemorySegment.ofArray(ids), false);
  }

  static Ids of(long[] ids) {
    return new Ids(MemorySegment.ofArray(ids), true);
  }

  /** {@return what is between a buffer's position and its limit} */
  static Ids of(Buffer buffer, ByteOrder order, boolean wide) {
    if (order != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          "The buffer is %s and this machine is %s: order its bytes before it becomes a view"
              .formatted(order, ByteOrder.nativeOrder()));
    }
    return new Ids(MemorySegment.ofBuffer(buffer), wide);
  }

  int size() {
    return (int) (memory.byteSize() / (wide ? Long.BYTES : Integer.BYTES));
  }

  /** {@return a number, with its sign} */
  long get(int index) {
    return wide ? memory.get(LONG, 8L * index) : memory.get(INT, 4L * index);
  }

  /** Writes 32-bit numbers little-endian. */
  void copyInts(int from, int count, MemorySegment into, long at) {
    if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      MemorySegment.copy(memory, 4L * from, into, at, 4L * count);
    } else {
      MemorySegment.copy(memory, INT, 4L * from, into, LITTLE_ENDIAN, at, count);
    }
  }

  /**
   * Returns how many numbers from {@code at} on count up by one, {@code count} at most.
   */
  int gap(int at, int count) {
    return wide ? longGap(8L * at, count) : intGap(4L * at, count);
  }

  private int longGap(long at, int count) {
    long start = memory.get(LONG, at);
    long difference = 0;
    for (int i = 1; i < count; i++) {
      difference |= (memory.get(LONG, at + 8L * i) - start) ^ i;
    }
    return difference == 0 ? count : firstGap((int) (at / 8), start);
  }

  private int intGap(long at, int count) {
    int start = memory.get(INT, at);
    int difference = 0;
    for (int i = 1; i < count; i++) {
      difference |= (memory.get(INT, at + 4L * i) - start) ^ i;
    }
    return difference == 0 ? count : firstGap((int) (at / 4), start);
  }

  private int firstGap(int at, long start) {
    int same = 1;
    while (get(at + same) == start + same) {
      same++;
    }
    return same;
  }

  Ids range(int from, int to) {
    long bytes = wide ? Long.BYTES : Integer.BYTES;
    return new Ids(memory.asSlice(from * bytes, (to - from) * bytes), wide);
  }
}
