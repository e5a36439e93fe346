package io.pagoda.spi.device;

/**
 * An inference engine's event, as a device knows it.
 *
 * <p><b>Threads.</b> Safe for use by many threads; nothing waits.
 *
 * <p><b>Failures.</b> As {@link Device}'s.
 */
public interface DeviceSignal extends AutoCloseable {
  /**
   * Has copies in one direction that are begun from now on wait until the device has reached the
   * event as it was recorded last.
   *
   * @param toDevice which direction
   */
  void holdUp(boolean toDevice);

  /**
   * Records the event behind every copy in one direction that was begun before.
   *
   * @param toDevice which direction
   */
  void record(boolean toDevice);

  /** Forgets the event; the engine keeps it. */
  @Override
  void close();
}
