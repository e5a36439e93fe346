package io.pagoda.spi.device;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;

/**
 * Blocks on a device, and how to get at them.
 *
 * <p><b>Threads.</b> {@link #copy} is called from any thread and does not block.
 *
 * <p><b>Memory.</b> From the call until its completion the memory of a batch is alive and nobody
 * else writes to what is written.
 *
 * <p><b>Failures.</b> As a tier's: once a call has returned, its completion is called exactly once,
 * from a thread of the device; a call that throws has moved nothing.
 */
public interface DeviceRegion extends AutoCloseable {
  /**
   * Copies blocks.
   *
   * @param batch the number of each block on the device, as its slot, and where it is in host
   *     memory; whole blocks, whatever the view moves of them
   * @param view which of the views
   * @param toDevice whether the device's memory is what is written
   * @param completion told how it ended
   */
  void copy(BlockBatch batch, int view, boolean toDevice, Completion completion);

  /** Releases the tables. Nothing may be in flight. */
  @Override
  void close();
}
