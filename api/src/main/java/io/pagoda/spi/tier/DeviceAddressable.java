package io.pagoda.spi.tier;

import io.pagoda.spi.device.DeviceMemory;

/**
 * The ability of a tier whose slots are memory of a device. A device that {@linkplain
 * io.pagoda.spi.device.PeerRoute reaches} that memory copies blocks between it and its own without
 * host memory.
 *
 * <p><b>Threads.</b> Both methods may be called from any thread.
 *
 * <p><b>Memory.</b> Lives until the tier is closed. The tier knows nothing of copies past it: no
 * load or store of a slot may be in flight meanwhile.
 */
public interface DeviceAddressable {
  /** {@return the memory that holds every slot; the same at every call} */
  DeviceMemory memory();

  /**
   * Returns where a slot starts in {@link #memory}, in bytes.
   *
   * @throws IndexOutOfBoundsException if the tier has no such slot
   */
  long offset(int slot);
}
