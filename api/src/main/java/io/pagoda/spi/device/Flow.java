package io.pagoda.spi.device;

/**
 * What a device has copied in one way, in one direction, since it was opened.
 *
 * @param path the way, in a word of the device's
 * @param toDevice whether the device's memory was written
 * @param batches how many batches of blocks were copied without a failure
 * @param bytes how many bytes that was
 * @param busyNanos how long it took, in nanoseconds, without what batches waited for one another
 */
public record Flow(String path, boolean toDevice, long batches, long bytes, long busyNanos) {
  /** {@return 10<sup>9</sup> bytes per second while busy, or 0 if it never was} */
  public double gigabytesPerSecond() {
    return busyNanos == 0 ? 0 : (double) bytes / busyNanos;
  }
}
