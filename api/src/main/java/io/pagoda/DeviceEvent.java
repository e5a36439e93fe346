package io.pagoda;

import java.util.Arrays;

/**
 * An event of an inference engine on a device: a point in the work that the engine has put into a
 * stream there. The store has its own work wait for events, and records events behind its own work;
 * it never creates or destroys one.
 *
 * <p><b>Memory.</b> An event of this process exists from the call that names it until the job has
 * settled; an exported one until the pool is closed, since it is opened once and kept. An engine
 * has a few events and uses them again.
 */
// An interface without default methods is not initialised with its records: nothing to deadlock.
@SuppressWarnings("ClassInitializationDeadlock")
public sealed interface DeviceEvent {
  /** {@return the UUID of the device, as {@code nvidia-smi -L} prints it} */
  String device();

  /**
   * Returns an event of this process.
   *
   * @param device the UUID of its device
   * @param handle what the driver knows it by: a {@code CUevent}, or a {@code cudaEvent_t} as
   *     PyTorch's {@code event.cuda_event} tells it
   */
  static DeviceEvent of(String device, long handle) {
    return new Local(device, handle);
  }

  /**
   * Returns an event of another process on this machine.
   *
   * @param device the UUID of its device
   * @param handle the 64 bytes that {@code cuIpcGetEventHandle}, or PyTorch's {@code
   *     event.ipc_handle()}, has given the other process; the event must be one for other processes
   */
  static DeviceEvent exported(String device, byte[] handle) {
    return new Exported(device, handle);
  }

  /**
   * An event of this process.
   *
   * @param device the UUID of its device
   * @param handle what the driver knows it by
   */
  record Local(String device, long handle) implements DeviceEvent {
    /** Checks the values. */
    public Local {
      if (device.isEmpty() || handle == 0) {
        throw new IllegalArgumentException(
            "An event has a device and is not 0: device='%s' handle=%x".formatted(device, handle));
      }
    }
  }

  /** An event of another process. */
  final class Exported implements DeviceEvent {
    private static final int BYTES = 64;

    private final String device;
    private final byte[] handle;

    private Exported(String device, byte[] handle) {
      if (device.isEmpty() || handle.length != BYTES) {
        throw new IllegalArgumentException(
            "An exported event has a device and %d bytes: device='%s' bytes=%d"
                .formatted(BYTES, device, handle.length));
      }
      this.device = device;
      this.handle = handle.clone();
    }

    @Override
    public String device() {
      return device;
    }

    /** {@return the 64 bytes that stand for it} */
    public byte[] handle() {
      return handle.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Exported that
          && device.equals(that.device)
          && Arrays.equals(handle, that.handle);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(handle);
    }

    @Override
    public String toString() {
      return "an exported event of " + device;
    }
  }
}
