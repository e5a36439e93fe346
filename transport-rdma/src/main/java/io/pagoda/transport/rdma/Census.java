package io.pagoda.transport.rdma;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a transport holds. */
final class Census {
  private final AtomicInteger links = new AtomicInteger();
  private final AtomicInteger transfers = new AtomicInteger();
  private final AtomicLong flushes = new AtomicLong();
  private final AtomicLong bufferBytes = new AtomicLong();

  void link(int change) {
    links.addAndGet(change);
  }

  void transfer(int change) {
    transfers.addAndGet(change);
  }

  void buffer(long change) {
    bufferBytes.addAndGet(change);
  }

  void flush() {
    flushes.incrementAndGet();
  }

  /** {@return how many bytes were read behind batches} */
  long flushes() {
    return flushes.get();
  }

  int links() {
    return links.get();
  }

  int transfers() {
    return transfers.get();
  }

  long bufferBytes() {
    return bufferBytes.get();
  }
}
