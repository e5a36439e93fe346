package io.pagoda.tier.gpu;

import io.pagoda.ByteSize;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.device.DeviceMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Device memory that was allocated, or opened from another process. */
final class CudaMemory implements DeviceMemory {
  private final Context context;
  private final long base;
  private final MemorySegment segment;
  private final boolean foreign;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Takes memory over.
   *
   * @param base what the driver knows it by
   * @param offset where it starts behind that, in bytes
   * @param foreign whether it is another process's
   */
  CudaMemory(Context context, long base, long offset, long bytes, boolean foreign) {
    this.context = context;
    this.base = base;
    this.segment = DriverNative.segment(base + offset, bytes);
    this.foreign = foreign;
    context.census.allocations.incrementAndGet();
  }

  /** {@return the driver's word for an address} */
  static CUdeviceptr at(long address) {
    return new CUdeviceptr().withByteOffset(address);
  }

  /**
   * Refuses memory that reaches over the end of its allocation: a copy there would end every
   * other of the process.
   *
   * @param room bytes of the allocation, from where its handle stands
   * @throws PagodaException if it does
   */
  static void checkWithin(long offset, long bytes, long room) {
    if (offset < 0 || bytes < 0 || offset > room || bytes > room - offset) {
      throw new PagodaException(
          Fault.PERMANENT,
          "The handle stands for %s (%d bytes), which has no %d bytes from byte %d on"
              .formatted(new ByteSize(room), room, bytes, offset));
    }
  }

  boolean closed() {
    return closed.get();
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      context.census.allocations.decrementAndGet();
      try (var _ = context.enter()) {
        if (foreign) {
          context.quietly(JCudaDriver.cuIpcCloseMemHandle(at(base)), "cuIpcCloseMemHandle");
        } else {
          context.quietly(JCudaDriver.cuMemFree(at(base)), "cuMemFree");
        }
      }
    }
  }
}
