package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.ByteSize;
import io.pagoda.tier.gpu.Pins.Registration;
import jcuda.Pointer;
import jcuda.driver.CUmemorytype;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * A range of host memory that every device reads and writes directly. It ends with the context in
 * which it was made, which it therefore keeps.
 */
final class HostRegistration implements Registration {
  private static final int PORTABLE = 1;
  private static final int DEVICE_MAPPED = 2;

  private final Context context;
  private final Context of;
  private final long address;

  /** Lets an address be given to JCuda. */
  private static final class Address extends Pointer {
    Address(long address) {
      super(address);
    }
  }

  private HostRegistration(Context context, Context of, long address) {
    this.context = context;
    this.of = of;
    this.address = address;
  }

  /**
   * Registers a range. What the embedding program has registered itself it gives back itself.
   *
   * @param of whose device's context keeps it
   * @throws io.pagoda.PagodaException if the driver refuses
   */
  static Registration of(Context of, long address, long bytes) {
    var kept = new Context(of.device);
    boolean made = false;
    try (var _ = kept.enter()) {
      int result =
          JCudaDriver.cuMemHostRegister(new Address(address), bytes, PORTABLE | DEVICE_MAPPED);
      boolean others = result == CUresult.CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED
          && known(address)
          && known(address + bytes - 1);
      if (others) {
        return () -> {};
      }
      check(result, "cuMemHostRegister of %s at %x for %s", new ByteSize(bytes), address, of.uuid);
      made = true;
      return new HostRegistration(kept, of, address);
    } finally {
      if (!made) {
        kept.close();
      }
    }
  }

  private static boolean known(long address) {
    int[] type = new int[1];
    int result = JCudaDriver.cuPointerGetAttribute(
        Pointer.to(type), CUpointer_attribute.CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
        CudaMemory.at(address));
    return result == CUresult.CUDA_SUCCESS && type[0] == CUmemorytype.CU_MEMORYTYPE_HOST;
  }

  @Override
  public void close() {
    try (var _ = context.enter()) {
      of.quietly(JCudaDriver.cuMemHostUnregister(new Address(address)), "cuMemHostUnregister");
    }
    context.close();
  }
}
