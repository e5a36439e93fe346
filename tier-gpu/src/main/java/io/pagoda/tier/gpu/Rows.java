package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pagoda.tier.gpu.View.Grid;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The argument of copies of rows: chunks of one length at equal distances on the device, one after
 * the other in host memory. CUDA_MEMCPY2D in cuda.h. The driver reads it with each call, so one
 * serves all.
 *
 * <p><b>Threads.</b> Confined to whoever puts work into the stream.
 */
final class Rows implements AutoCloseable {
  private static final int HOST = 1;
  private static final int DEVICE = 2;
  private static final long BYTES = 128;

  /** Where what is of the source stands; what is of the target stands so much further. */
  private static final long TARGET = 56;

  private static final long TYPE = 16;
  private static final long HOST_ADDRESS = 24;
  private static final long DEVICE_ADDRESS = 32;
  private static final long PITCH = 48;
  private static final long WIDTH = 112;
  private static final long HEIGHT = 120;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(BYTES, Long.BYTES);

  /**
   * Tells of one copy; returns the argument's address.
   *
   * @param grid the rows of block 0
   * @param device where the first row is
   * @param host where they are in host memory
   * @param toDevice which way
   */
  long of(Grid grid, long device, long host, boolean toDevice) {
    long hostSide = toDevice ? 0 : TARGET;
    long deviceSide = toDevice ? TARGET : 0;
    memory.set(JAVA_INT, hostSide + TYPE, HOST);
    memory.set(JAVA_LONG, hostSide + HOST_ADDRESS, host);
    memory.set(JAVA_LONG, hostSide + PITCH, grid.bytes());
    memory.set(JAVA_INT, deviceSide + TYPE, DEVICE);
    memory.set(JAVA_LONG, deviceSide + DEVICE_ADDRESS, device);
    memory.set(JAVA_LONG, deviceSide + PITCH, grid.pitch());
    memory.set(JAVA_LONG, WIDTH, grid.bytes());
    memory.set(JAVA_LONG, HEIGHT, grid.rows());
    return memory.address();
  }

  @Override
  public void close() {
    arena.close();
  }
}
