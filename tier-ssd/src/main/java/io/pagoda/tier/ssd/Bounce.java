package io.pagoda.tier.ssd;

import java.lang.foreign.MemorySegment;

/**
 * An aligned buffer for a range that is not. It holds whole pages of a file; {@link #take} bytes of
 * them, from {@link #skip} on, are those that the batch moves at {@link #host}.
 *
 * <p><b>Threads.</b> Confined to the port's thread.
 */
final class Bounce {
  private final MemorySegment pages;
  private long skip;
  private long take;
  private long host;

  Bounce(MemorySegment pages) {
    this.pages = pages;
  }

  /** Says which of its bytes stand for which of the batch's. */
  void stand(long skippedBytes, long takenBytes, long hostOffset) {
    skip = skippedBytes;
    take = takenBytes;
    host = hostOffset;
  }

  MemorySegment pages() {
    return pages;
  }

  /** Gives the batch its bytes. */
  void copyTo(MemorySegment memory) {
    MemorySegment.copy(pages, skip, memory, host, take);
  }

  /** Takes the batch's bytes over those that were read. */
  void copyFrom(MemorySegment memory) {
    MemorySegment.copy(memory, host, pages, skip, take);
  }
}
