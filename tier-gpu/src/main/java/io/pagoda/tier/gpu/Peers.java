package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.spi.Availability;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.PeerRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import jcuda.Pointer;
import jcuda.driver.CUdevice;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Memory of devices that a device reads and writes itself: its own, and that of others to which the
 * machine has a road that passes no host memory.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class Peers implements PeerRoute, AutoCloseable {
  private final Context context;
  private final List<DeviceMemory> reached = new CopyOnWriteArrayList<>();

  /** The other devices' contexts, kept from ending while this one reaches into them. */
  private final List<Context> others = new ArrayList<>();

  Peers(Context context) {
    this.context = context;
  }

  @Override
  public Availability reach(DeviceMemory memory) {
    context.checkWorks();
    try (var _ = context.enter()) {
      int[] ordinal = new int[1];
      int result = JCudaDriver.cuPointerGetAttribute(
          Pointer.to(ordinal), CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
          CudaMemory.at(memory.segment().address()));
      if (result != CUresult.CUDA_SUCCESS) {
        return new Availability.Unavailable(
            "the driver knows of no device memory at %x: %s"
                .formatted(memory.segment().address(), Cuda.message(result)));
      }
      Availability found = reach(Cuda.all().get(ordinal[0]));
      if (found instanceof Availability.Ready && !reached.contains(memory)) {
        reached.add(memory);
      }
      return found;
    }
  }

  /** Has the context, which was entered, reach into another device's. */
  private synchronized Availability reach(CUdevice device) {
    if (device.equals(context.device)
        || others.stream().anyMatch(other -> other.device.equals(device))) {
      return Availability.READY;
    }
    if (!Cuda.reaches(context.device, device)) {
      return new Availability.Limited(
          "%s cannot reach %s: the driver copies through host memory; see nvidia-smi topo -p2p r"
              .formatted(context.uuid, Cuda.uuid(device)));
    }
    Context other = new Context(device);
    int result = other.reachedFromCurrent();
    if (result != CUresult.CUDA_SUCCESS
        && result != CUresult.CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED) {
      other.close();
      check(result, "cuCtxEnablePeerAccess from %s to %s", context.uuid, other.uuid);
    }
    others.add(other);
    return Availability.READY;
  }

  @Override
  public void leave(DeviceMemory memory) {
    reached.remove(memory);
  }

  /** {@return whether a range of addresses is memory that was reached} */
  boolean covers(long address, long bytes) {
    for (DeviceMemory memory : reached) {
      long at = address - memory.segment().address();
      if (at >= 0 && at + bytes <= memory.segment().byteSize()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public synchronized void close() {
    reached.clear();
    others.forEach(Context::close);
    others.clear();
  }
}
