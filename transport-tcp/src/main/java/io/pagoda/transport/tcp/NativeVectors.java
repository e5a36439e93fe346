package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.ToLongFunction;

/** As the kernel has them: a {@code struct msghdr} and behind it its {@code struct iovec}s. */
final class NativeVectors implements Vectors {
  private static final long VECTOR_BYTES = 16;
  private static final long HEADER_BYTES = 64;
  private static final long VECTORS_AT = 16;
  private static final long COUNT_AT = 24;

  private final MemorySegment all;
  private final int capacity;
  private int first;
  private int end;

  NativeVectors(Arena arena, int capacity) {
    this.capacity = capacity;
    all = arena.allocate(HEADER_BYTES + capacity * VECTOR_BYTES, Long.BYTES);
  }

  /** {@return the message, up to date} */
  MemorySegment message() {
    return message(end);
  }

  private MemorySegment message(int until) {
    all.set(JAVA_LONG, VECTORS_AT, all.address() + at(first));
    all.set(JAVA_LONG, COUNT_AT, until - first);
    return all;
  }

  /**
   * Makes a call with the first bytes alone.
   *
   * @param most how many bytes
   * @return what the call returned
   */
  long with(long most, ToLongFunction<MemorySegment> call) {
    long left = most;
    int last = first;
    while (last < end - 1 && length(last) < left) {
      left -= length(last++);
    }
    long whole = length(last);
    set(last, start(last), Math.min(whole, left));
    try {
      return call.applyAsLong(message(last + 1));
    } finally {
      set(last, start(last), whole);
    }
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
    return end == capacity;
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
  public void clear() {
    first = 0;
    end = 0;
  }
}
