package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The argument of launches of the kernel: which blocks, and where each is. Batch in copy.cu. The
 * driver copies it with each launch, so one serves all.
 *
 * <p><b>Threads.</b> Confined to whoever puts work into the stream.
 */
final class Batches implements AutoCloseable {
  /** How many blocks one launch copies at most. */
  static final int BLOCKS = 224;

  /** The same of a launch whose argument is short: it takes half the time. */
  static final int FEW = 32;

  /** Up to how many several short launches take no longer than one long one. */
  private static final int RATHER_FEW = FEW + FEW / 2;

  private static final int COUNT = 12;
  private static final int HOSTS = 24;

  private final Arena arena = Arena.ofShared();
  private final int most;
  private final int devices;
  private final MemorySegment memory;
  private final MemorySegment list = arena.allocate(JAVA_LONG);
  private int count;

  /**
   * Makes room for an argument.
   *
   * @param most of how many blocks: {@link #BLOCKS} or {@link #FEW}
   */
  Batches(int most) {
    this.most = most;
    this.devices = HOSTS + most * Long.BYTES;
    this.memory = arena.allocate(devices + most * (long) Integer.BYTES, Long.BYTES);
    list.set(JAVA_LONG, 0, memory.address());
  }

  /** {@return how many blocks a launch should copy where there is room for so many} */
  static int each(int room) {
    return room <= RATHER_FEW ? Math.min(room, FEW) : Math.min(room, BLOCKS);
  }

  /** {@return whether it is the short one} */
  boolean few() {
    return most == FEW;
  }

  /**
   * Begins an argument.
   *
   * @param table where the pieces are on the device
   * @param pieces how many
   * @param toDevice which way
   */
  void begin(long table, int pieces, boolean toDevice) {
    memory.set(JAVA_LONG, 0, table);
    memory.set(JAVA_INT, 8, pieces);
    memory.set(JAVA_INT, 16, toDevice ? 1 : 0);
    count = 0;
  }

  /**
   * Adds a block.
   *
   * @param host where it would start in host memory, or in a stage
   * @param number its number on the device
   */
  void add(long host, int number) {
    memory.set(JAVA_LONG, HOSTS + count * (long) Long.BYTES, host);
    memory.set(JAVA_INT, devices + count * (long) Integer.BYTES, number);
    count++;
  }

  /** Ends the argument; returns the address of an array with the address of the only one. */
  long list() {
    memory.set(JAVA_INT, COUNT, count);
    return list.address();
  }

  /** {@return how many blocks it tells of} */
  int count() {
    return count;
  }

  @Override
  public void close() {
    arena.close();
  }
}
