package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A stream, whose address can be seen. Created and destroyed within its context. */
final class StreamHandle extends CUstream {
  /** Creates a stream that waits for no other. */
  static StreamHandle create(Context context) {
    var created = new StreamHandle();
    check(
        JCudaDriver.cuStreamCreate(created, CUstream_flags.CU_STREAM_NON_BLOCKING),
        "cuStreamCreate on %s", context.uuid);
    context.census.streams.incrementAndGet();
    return created;
  }

  /** {@return what the driver knows it by} */
  long address() {
    return getNativePointer();
  }

  void destroy(Context context) {
    context.census.streams.decrementAndGet();
    context.quietly(JCudaDriver.cuStreamDestroy(this), "cuStreamDestroy");
  }
}
