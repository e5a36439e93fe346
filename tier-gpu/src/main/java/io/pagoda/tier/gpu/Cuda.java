package io.pagoda.tier.gpu;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;

/**
 * The driver: what its calls return, and which devices it knows.
 *
 * <p><b>Failures.</b> {@link #check} throws what a call returned, unless it is success.
 */
final class Cuda {
  private Cuda() {}

  /** {@return whether this machine has a device} */
  static Availability availability() {
    return missing().<Availability>map(Availability.Unavailable::new).orElse(Availability.READY);
  }

  /** {@return why this machine has no device, in a sentence; empty if it has one} */
  static Optional<String> missing() {
    if (!DriverNative.installed()) {
      return Optional.of(
          "no " + DriverNative.LIBRARY
              + " on this machine: it comes with NVIDIA's driver; a container gets it "
              + "with --gpus all");
    }
    try {
      return devices() == 0
          ? Optional.of("the driver knows no device: see nvidia-smi")
          : Optional.empty();
    } catch (PagodaException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (UnsatisfiedLinkError e) {
      return Optional.of("JCuda's native library does not load: " + e.getMessage());
    }
  }

  /** {@return how many devices there are} */
  static int devices() {
    check(JCudaDriver.cuInit(0), "cuInit");
    int[] count = new int[1];
    check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    return count[0];
  }

  /** {@return the device with a UUID, as {@code nvidia-smi -L} prints it; the first if empty} */
  static CUdevice device(String uuid) {
    int count = devices();
    StringBuilder known = new StringBuilder();
    for (int i = 0; i < count; i++) {
      var device = new CUdevice();
      check(JCudaDriver.cuDeviceGet(device, i), "cuDeviceGet");
      String its = uuid(device);
      if (uuid.isEmpty() || its.equals(uuid)) {
        return device;
      }
      known.append(known.isEmpty() ? "" : ", ").append(its);
    }
    throw new PagodaException(
        Fault.PERMANENT, "There is no device %s; there are: %s".formatted(uuid, known));
  }

  /** {@return what a device is known by, as {@code nvidia-smi -L} prints it} */
  static String uuid(CUdevice device) {
    var uuid = new CUuuid();
    check(JCudaDriver.cuDeviceGetUuid(uuid, device), "cuDeviceGetUuid");
    String hex = HexFormat.of().formatHex(uuid.bytes);
    return "GPU-%s-%s-%s-%s-%s".formatted(
        hex.substring(0, 8), hex.substring(8, 12), hex.substring(12, 16), hex.substring(16, 20),
        hex.substring(20));
  }

  /** {@return the name of a device's model} */
  static String name(CUdevice device) {
    byte[] name = new byte[128];
    check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  /** {@return whether pinned host memory has the same addresses on the device} */
  static boolean sharesAddresses(CUdevice device) {
    int[] value = new int[1];
    check(
        JCudaDriver.cuDeviceGetAttribute(
            value, CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM, device),
        "cuDeviceGetAttribute");
    return value[0] != 0;
  }

  /**
   * Checks what a call returned.
   *
   * @param result what
   * @param call the call, and with what
   * @throws PagodaException if it is not success
   */
  static void check(int result, String call, Object... with) {
    if (result == CUresult.CUDA_SUCCESS) {
      return;
    }
    throw new PagodaException(
        sticky(result) ? Fault.FATAL : Fault.PERMANENT,
        "%s failed: %s".formatted(call.formatted(with), message(result)));
  }

  /** {@return whether the device's context is of no use any more} */
  private static boolean sticky(int result) {
    return switch (result) {
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS, CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE, CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR, CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_DEINITIALIZED, CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED ->
        true;
      default -> false;
    };
  }

  /** {@return what a call says that returned this} */
  static String message(int result) {
    String[] text = new String[1];
    JCudaDriver.cuGetErrorString(result, text);
    return "%s (%s)".formatted(CUresult.stringFor(result), text[0]);
  }
}
