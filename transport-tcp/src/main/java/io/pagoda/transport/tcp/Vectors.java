package io.pagoda.transport.tcp;

import java.lang.foreign.MemorySegment;

/**
 * Where the next bytes come from or go to: what one system call takes. Neighbours in memory are
 * joined.
 */
interface Vectors {
  /** As many as Linux takes in one call. */
  int CAPACITY = 1024;

  /** {@return whether there is no room for one more stretch} */
  boolean full();

  /** {@return whether there is nothing left} */
  boolean isEmpty();

  /** Adds a stretch behind the others. */
  void add(MemorySegment memory, long offset, long bytes);

  /** Takes bytes away from the beginning: they have been moved. */
  void consume(long bytes);

  /** Takes away what is left. */
  void clear();
}
