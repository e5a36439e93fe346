package io.pagoda.tier.ssd;

import java.util.concurrent.atomic.LongAdder;

/**
 * What was read from a device and written to it.
 *
 * <p><b>Threads.</b> Any.
 */
final class Tally {
  /** Bytes of blocks that were read, with the pages around ragged ends. */
  final LongAdder read = new LongAdder();

  /** Bytes of blocks and records that were written. */
  final LongAdder written = new LongAdder();

  /** Records that were written. */
  final LongAdder records = new LongAdder();

  /** Calls of fdatasync. */
  final LongAdder syncs = new LongAdder();

  /** Pauses that writes made since their budget was spent. */
  final LongAdder delays = new LongAdder();

  /** Counts bytes that an operation has moved. */
  void moved(boolean write, long bytes) {
    (write ? written : read).add(bytes);
  }
}
