package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.PeerRoute;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_P2PAttribute;
import jcuda.driver.JCudaDriver;

/** Looks at the roads from a device to others: whether they pass host memory, and how fast. */
final class PeerFindings {
  private static final long BYTES = 256 << 20;
  private static final int TIMES = 4;

  private PeerFindings() {}

  /**
   * What there is between two devices.
   *
   * @param straight whether copies pass no host memory
   * @param words how fast they are, or why not
   */
  record Road(boolean straight, String words) {}

  /** {@return what there is between an open device and another one} */
  static Road look(CudaDevice device, CUdevice other) {
    var settings = new CudaSettings(Cuda.uuid(other), 1, CopyPath.PLAIN, 0);
    try (CudaDevice opened = CudaDevice.open(settings, "doctor-peer");
        DeviceMemory there = opened.allocate(BYTES);
        DeviceMemory here = device.allocate(BYTES)) {
      return switch (device.ability(PeerRoute.class).orElseThrow().reach(there)) {
        case Availability.Ready _ -> new Road(
            true,
            "straight, %.0f GB/s out, %.0f in; %s".formatted(
                rate(device, there, here), rate(device, here, there),
                link(device.context.device, other)));
        case Availability.Limited limited -> new Road(
            false, "%.0f GB/s out, %.0f in: %s"
                .formatted(rate(device, there, here), rate(device, here, there), limited.reason()));
        case Availability.Unavailable not -> new Road(false, not.reason());
      };
    } catch (PagodaException e) {
      return new Road(false, String.valueOf(e.getMessage()));
    }
  }

  private static double rate(CudaDevice device, DeviceMemory to, DeviceMemory from) {
    try (var _ = device.context.enter()) {
      Event start = Event.timed(device.context);
      Event end = Event.timed(device.context);
      device.road(false).stream().order(stream -> {
        copy(to, from, stream);
        start.record(stream);
        for (int i = 0; i < TIMES; i++) {
          copy(to, from, stream);
        }
        end.record(stream);
      });
      check(end.await(), "cuEventSynchronize");
      double millis = end.millisSince(start);
      start.destroy();
      end.destroy();
      return TIMES * BYTES / 1e6 / millis;
    }
  }

  private static void copy(DeviceMemory to, DeviceMemory from, StreamHandle stream) {
    check(
        CallsNative.copy(to.segment().address(), from.segment().address(), BYTES, stream.address()),
        "cuMemcpyAsync of %d bytes between devices", BYTES);
  }

  private static String link(CUdevice device, CUdevice other) {
    return "performance rank %d, native atomics %s".formatted(
        attribute(CUdevice_P2PAttribute.CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK, device, other),
        attribute(
            CUdevice_P2PAttribute.CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED, device,
            other) == 1 ? "yes" : "no");
  }

  private static int attribute(int which, CUdevice device, CUdevice other) {
    int[] value = new int[1];
    check(
        JCudaDriver.cuDeviceGetP2PAttribute(value, which, device, other),
        "cuDeviceGetP2PAttribute");
    return value[0];
  }
}
