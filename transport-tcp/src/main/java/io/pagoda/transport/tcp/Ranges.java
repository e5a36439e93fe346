package io.pagoda.transport.tcp;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Stretches of memory whose bytes follow each other on the wire. */
interface Ranges {
  /** {@return how many there are} */
  int count();

  /** {@return the memory that range {@code index} is of} */
  MemorySegment memory(int index);

  /** {@return where range {@code index} starts in its memory} */
  long offset(int index);

  /** {@return how long range {@code index} is} */
  long bytes(int index);

  /** {@return the bytes of range {@code index}} */
  default ByteBuffer buffer(int index) {
    return memory(index).asSlice(offset(index), bytes(index)).asByteBuffer();
  }
}
