package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** As the kernel has them: a {@code struct msghdr} and behind it its {@code struct iovec}s. */
final class NativeVectors implements Vectors {
  private static final long VECTOR_BYTES = 16;
  private static final long HEADER_BYTES = 64;
  private static final long VECTORS_AT = 16;
  private static final long COUNT_AT = 24;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment all =
      arena.allocate(HEADER_BYTES + CAPACITY * VECTOR_BYTES, Long.BYTES);
  private int first;
  private int end;

  /** {@return the message, up to date} */
  MemorySegment message() {
    all.set(JAVA_LONG, VECTORS_AT, all.address() + at(first));
    all.set(JAVA_LONG, COUNT_AT, end - first);
    return all;
  }

  private static long at(int vector) {
    return HEADER_BYTES + vector * VECTOR_BYTES;
  }

  private long start(int vector) {
    return all.get(JAVA_LONG, at(vector));
  }

  private long length(int vector) {
    return all.get(JAVA_LONG, at(vector) + Long.BYTES);
  }

  private void set(int vector, long start, long length) {
    all.set(JAVA_LONG, at(vector), start);
    all.set(JAVA_LONG, at(vector) + Long.BYTES, length);
  }

  @Override
  public boolean full() {
    return end == CAPACITY;
  }

  @Override
  public boolean isEmpty() {
    return first == end;
  }

  @Override
  public void add(MemorySegment memory, long offset, long bytes) {
    long start = memory.address() + offset;
    if (end > first && start(end - 1) + length(end - 1) == start) {
      set(end - 1, start(end - 1), length(end - 1) + bytes);
    } else {
      set(end++, start, bytes);
    }
  }

  @Override
  public void consume(long bytes) {
    long left = bytes;
    while (left > 0) {
      long length = length(first);
      if (length > left) {
        set(first, start(first) + left, length - left);
        return;
      }
      left -= length;
      first++;
    }
    if (first == end) {
      first = 0;
      end = 0;
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
