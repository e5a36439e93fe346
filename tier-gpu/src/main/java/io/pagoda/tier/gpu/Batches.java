package io.pagoda.tier.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The argument of a launch of the kernel: which blocks, and where each is. Batch in copy.cu. */
final class Batches {
  /** How many blocks one launch copies at most. */
  static final int BLOCKS = 224;

  private static final int COUNT = 12;
  private static final int HOSTS = 24;
  private static final int DEVICES = HOSTS + BLOCKS * Long.BYTES;
  private static final int BYTES = DEVICES + BLOCKS * Integer.BYTES;

  private final ByteBuffer memory = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
  private int count;

  /**
   * Begins an argument.
   *
   * @param table where the pieces are on the device
   * @param pieces how many
   * @param toDevice which way
   */
  Batches(long table, int pieces, boolean toDevice) {
    memory.putLong(0, table).putInt(8, pieces).putInt(16, toDevice ? 1 : 0);
  }

  /**
   * Adds a block.
   *
   * @param host where it would start in host memory, or in a stage
   * @param number its number on the device
   */
  void add(long host, int number) {
    memory.putLong(HOSTS + count * Long.BYTES, host);
    memory.putInt(DEVICES + count * Integer.BYTES, number);
    memory.putInt(COUNT, ++count);
  }

  /** {@return the argument, as the kernel reads it} */
  ByteBuffer memory() {
    return memory;
  }

  /** {@return how many blocks it tells of} */
  int count() {
    return count;
  }
}
