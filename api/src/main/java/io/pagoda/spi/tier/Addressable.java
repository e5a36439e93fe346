package io.pagoda.spi.tier;

import java.lang.foreign.MemorySegment;

/**
 * The ability of a tier whose slots are host memory. The engine hands such a slot to the tier at
 * the other end of a move, which saves a copy; a tier with this ability can be the hub.
 *
 * <p><b>Threads.</b> Both methods may be called from any thread.
 *
 * <p><b>Memory.</b> The segment is native, may be used by any thread, and lives until the tier is
 * closed.
 */
public interface Addressable {
  /** {@return the memory that holds every slot; the same segment at every call} */
  MemorySegment memory();

  /**
   * Returns where a slot starts in {@link #memory}, in bytes.
   *
   * @throws IndexOutOfBoundsException if the tier has no such slot
   */
  long offset(int slot);
}
