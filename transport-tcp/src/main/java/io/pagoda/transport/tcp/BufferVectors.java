package io.pagoda.transport.tcp;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** As Java's channels take them. */
final class BufferVectors implements Vectors {
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);

  private final ByteBuffer[] buffers;
  private int first;
  private int end;
  private @Nullable MemorySegment last;
  private long lastStart;
  private long lastEnd;

  BufferVectors(int capacity) {
    buffers = new ByteBuffer[capacity];
  }

  ByteBuffer[] buffers() {
    return buffers;
  }

  int first() {
    return first;
  }

  int count() {
    return end - first;
  }

  @Override
  public boolean full() {
    return end == buffers.length;
  }

  @Override
  public boolean isEmpty() {
    return first == end;
  }

  @Override
  public void add(MemorySegment memory, long offset, long bytes) {
    boolean joins =
        memory.equals(last) && lastEnd == offset && offset + bytes - lastStart < 1 << 30;
    if (joins && end > first) {
      lastEnd += bytes;
      ByteBuffer joined = memory.asSlice(lastStart, lastEnd - lastStart).asByteBuffer();
      buffers[end - 1] = joined.position(buffers[end - 1].position());
    } else {
      last = memory;
      lastStart = offset;
      lastEnd = offset + bytes;
      buffers[end++] = memory.asSlice(offset, bytes).asByteBuffer();
    }
  }

  /** The channel has moved the positions. */
  @Override
  public void consume(long bytes) {
    while (first < end && !buffers[first].hasRemaining()) {
      buffers[first++] = NONE;
    }
    if (first == end) {
      clear();
    }
  }

  @Override
  public void clear() {
    while (first < end) {
      buffers[first++] = NONE;
    }
    first = 0;
    end = 0;
    last = null;
  }
}
