package io.pagoda.tier.gpu;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
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
  /** Why the plugin's classes stay once they have served. */
  static final String PERMANENCE = "JCuda's native library keeps references to its classes";

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
    } catch (LinkageError e) {
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

  /** {@return all devices} */
  static List<CUdevice> all() {
    List<CUdevice> all = new ArrayList<>();
    for (int i = devices(); i > 0; i--) {
      var device = new CUdevice();
      check(JCudaDriver.cuDeviceGet(device, all.size()), "cuDeviceGet");
      all.add(device);
    }
    return all;
  }

  /** {@return the device with a UUID, as {@code nvidia-smi -L} prints it; the first if empty} */
  static CUdevice device(String uuid) {
    StringBuilder known = new StringBuilder();
    for (CUdevice device : all()) {
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

  /** {@return the driver's version, as precisely as the machine tells it} */
  static String driverVersion() {
    int[] version = new int[1];
    check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
    return "cuda-%d.%d%s".formatted(
        version[0] / 1000, version[0] % 1000 / 10,
        Machine.driver().map(module -> "/" + module).orElse(""));
  }

  /** {@return whether pinned host memory has the same addresses on the device} */
  static boolean sharesAddresses(CUdevice device) {
    return attribute(device, CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM) != 0;
  }

  /** {@return an attribute of a device} */
  static int attribute(CUdevice device, int which) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute");
    return value[0];
  }

  /** {@return bytes of a device's memory} */
  static long bytes(CUdevice device) {
    long[] bytes = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(bytes, device), "cuDeviceTotalMem");
    return bytes[0];
  }

  /** {@return where a device is on the PCI bus, as Linux writes it} */
  static String busId(CUdevice device) {
    String[] id = new String[1];
    check(JCudaDriver.cuDeviceGetPCIBusId(id, 32, device), "cuDeviceGetPCIBusId");
    return id[0].toLowerCase(Locale.ROOT);
  }

  /** {@return whether a device can read and write another's memory} */
  static boolean reaches(CUdevice device, CUdevice other) {
    int[] can = new int[1];
    check(JCudaDriver.cuDeviceCanAccessPeer(can, device, other), "cuDeviceCanAccessPeer");
    return can[0] != 0;
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
  static boolean sticky(int result) {
    return switch (result) {
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS, CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE, CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR, CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_DEINITIALIZED, CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT, CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE, CUresult.CUDA_ERROR_MPS_CLIENT_TERMINATED ->
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
