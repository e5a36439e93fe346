package io.pagoda.spi.device;

import io.pagoda.spi.Availability;

/**
 * The ability of a device to copy straight between its blocks and memory of a device, another one
 * or itself: its {@linkplain DeviceRegion regions} take batches whose memory that is, as they take
 * host memory.
 *
 * <p><b>Threads.</b> Any; nothing waits.
 *
 * <p><b>Memory.</b> What is reached stays allocated until it is left or the device is closed.
 * Nothing is verified on the way: who takes this road answers for the bytes.
 *
 * <p><b>Failures.</b> As {@link Device}'s.
 */
public interface PeerRoute {
  /**
   * Has the device reach memory. A second call for the same memory says the same again.
   *
   * @param memory allocated in this process, by whatever device
   * @return {@link Availability.Limited} where blocks pass host memory after all, by the driver;
   *     {@link Availability.Unavailable} where batches must not name the memory
   */
  Availability reach(DeviceMemory memory);

  /** Forgets memory; no copy to or from it is in flight. */
  void leave(DeviceMemory memory);
}
