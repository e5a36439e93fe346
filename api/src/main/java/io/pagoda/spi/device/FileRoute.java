package io.pagoda.spi.device;

import io.pagoda.spi.Availability;
import java.nio.file.Path;

/**
 * The ability of a device to have files read into its memory and written from it, past the memory
 * that this process sees.
 *
 * <p><b>Threads.</b> Any; {@link #open} waits for the file system.
 *
 * <p><b>Failures.</b> As {@link Device}'s.
 */
public interface FileRoute {
  /**
   * {@return whether this machine has the road; {@link Availability.Limited} where bytes pass host
   * memory after all, by the driver}
   */
  Availability availability();

  /**
   * Opens a file.
   *
   * @param file which; created if it is to be written and is not there
   * @param writable whether it is written too
   * @throws io.pagoda.PagodaException if it cannot be opened, or there is no such road
   */
  DeviceFile open(Path file, boolean writable);
}
