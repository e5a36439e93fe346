package io.pagoda.spi.device;

import io.pagoda.spi.tier.Completion;
import java.util.List;

/**
 * A file whose bytes go to and from a device's memory.
 *
 * <p><b>Threads.</b> Any; {@link #read} and {@link #write} do not wait.
 *
 * <p><b>Memory.</b> From a call until its completion the memory is allocated, and nobody else
 * writes to what is written. Nothing is verified on the way.
 *
 * <p><b>Failures.</b> Once a call has returned, its completion is called exactly once, from a
 * thread of the device, with the ranges that were missed; a range that is moved in part is missed.
 * A call that throws has moved nothing.
 */
public interface DeviceFile extends AutoCloseable {
  /**
   * Reads ranges of the file into memory.
   *
   * @param memory of the device
   * @param ranges which bytes, and where to; at least one
   * @throws IndexOutOfBoundsException if one is not within the memory
   */
  void read(DeviceMemory memory, List<FileRange> ranges, Completion completion);

  /**
   * Writes ranges of the file from memory. They have been handed to the file system when the
   * completion is told, and are not synced.
   *
   * @param memory of the device
   * @param ranges which bytes, and where from; at least one, and none over another
   * @throws IndexOutOfBoundsException if one is not within the memory
   */
  void write(DeviceMemory memory, List<FileRange> ranges, Completion completion);

  /**
   * Ends what is in flight, then closes the file. No completion may call it; a second call does
   * nothing.
   */
  @Override
  void close();
}
