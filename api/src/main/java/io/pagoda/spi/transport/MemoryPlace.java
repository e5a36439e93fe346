package io.pagoda.spi.transport;

/** Where memory is that a transport registers. */
// An interface without default methods is not initialised with its records: nothing to deadlock.
@SuppressWarnings("ClassInitializationDeadlock")
public sealed interface MemoryPlace {
  /** Host memory. */
  MemoryPlace HOST = new Host();

  /** Host memory. */
  record Host() implements MemoryPlace {}

  /**
   * Memory of a device, told by its device address.
   *
   * @param uuid as {@link io.pagoda.spi.device.Device#uuid} says
   */
  record OfDevice(String uuid) implements MemoryPlace {}
}
