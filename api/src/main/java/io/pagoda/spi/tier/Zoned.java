package io.pagoda.spi.tier;

/**
 * The ability of a tier whose slots are on several media. When one of them has no room, the engine
 * takes new slots on the others only.
 *
 * <p><b>Threads.</b> Both methods may be called from any thread, and do not block.
 */
public interface Zoned {
  /** {@return how many media there are, at least 1; the same at every call} */
  int zones();

  /**
   * Returns which of them a slot is on, from 0; the same at every call.
   *
   * @throws IndexOutOfBoundsException if the tier has no such slot
   */
  int zone(int slot);
}
