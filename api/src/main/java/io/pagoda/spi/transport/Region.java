package io.pagoda.spi.transport;

import java.lang.foreign.MemorySegment;

/** Memory registered with a transport. Counted: released once, when nothing uses it any more. */
public interface Region extends AutoCloseable {
  /** {@return the memory} */
  MemorySegment memory();

  /** {@return the number by which peers name this region} */
  long id();

  /** Withdraws the region; a second call does nothing. */
  @Override
  void close();
}
