package io.pagoda.spi.tier;

import java.lang.foreign.MemorySegment;

/**
 * The ability of a tier to move bytes faster to and from host memory that it has prepared, as a
 * device does that has pinned it. Batches may come from other memory too.
 */
public interface HubNeighbour {
  /**
   * Learns of the hub's memory, once, before the first batch. Does not wait: batches that come
   * before the memory is prepared move more slowly.
   *
   * @param hub native memory that lives longer than the tier is open
   */
  void meet(MemorySegment hub);
}
