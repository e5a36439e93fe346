package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/**
 * The process's context on a device, shared with whoever else in the process uses the device.
 *
 * <p><b>Threads.</b> A thread enters it for a few calls and leaves the context that it had.
 */
final class Context implements AutoCloseable {
  final CUdevice device;
  private final CUcontext context = new CUcontext();

  Context(CUdevice device) {
    this.device = device;
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
  }

  /** Makes it the calling thread's until what is returned is closed. */
  Entered enter() {
    check(JCudaDriver.cuCtxPushCurrent(context), "cuCtxPushCurrent");
    return () -> check(JCudaDriver.cuCtxPopCurrent(new CUcontext()), "cuCtxPopCurrent");
  }

  /** A thread within a context. */
  interface Entered extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public void close() {
    check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
  }
}
