package io.pagoda.core.connect;

import io.pagoda.spi.device.Device;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * What a connector may stage with: where no transport moves a device's memory itself, its bytes
 * pass through host memory. Half of that is for what is exposed, and half for what begins, so that
 * neither waits for the other: two connectors that wait for each other's exposures both go on.
 *
 * <p><b>Memory.</b> Taken from the arena when it is first needed, a half at a time, and pinned by
 * the devices that use it. Devices keep it pinned until they are closed: the arena is closed after
 * them, and they after the connector.
 *
 * @param arena where the memory comes from, shared among threads
 * @param bytes how much, at most; 0 stages nothing
 * @param devices those that are open
 */
public record StagingMemory(Arena arena, long bytes, List<Device> devices) {
  /** Copies the list. */
  public StagingMemory {
    devices = List.copyOf(devices);
  }

  /** {@return one that stages nothing} */
  public static StagingMemory none() {
    return new StagingMemory(Arena.global(), 0, List.of());
  }
}
