package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicReference;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The process's context on a device, shared with whoever else in the process uses the device.
 *
 * <p><b>Threads.</b> A thread enters it for a few calls and leaves the context that it had.
 *
 * <p><b>Failures.</b> An error that the driver does not recover from is remembered: what comes
 * later is refused with it, without a call.
 */
final class Context implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.pagoda.tier.gpu");

  final CUdevice device;
  final String uuid;
  final Census census = new Census();
  private final CUcontext context = new CUcontext();
  private final AtomicReference<@Nullable PagodaException> broken = new AtomicReference<>();

  Context(CUdevice device) {
    this.device = device;
    this.uuid = Cuda.uuid(device);
    check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain on %s",
        uuid);
  }

  /** Makes it the calling thread's until what is returned is closed. */
  Entered enter() {
    check(JCudaDriver.cuCtxPushCurrent(context), "cuCtxPushCurrent on %s", uuid);
    return () -> quietly(JCudaDriver.cuCtxPopCurrent(new CUcontext()), "cuCtxPopCurrent");
  }

  /** Has the calling thread's context reach into this one; returns what the driver does. */
  int reachedFromCurrent() {
    return JCudaDriver.cuCtxEnablePeerAccess(context, 0);
  }

  /** A thread within a context. */
  interface Entered extends AutoCloseable {
    @Override
    void close();
  }

  /** Remembers a failure that the device does not recover from; returns it, or an earlier one. */
  PagodaException failed(PagodaException failure) {
    if (failure.fault() != Fault.FATAL) {
      return failure;
    }
    if (broken.compareAndSet(null, failure)) {
      LOG.log(
          Level.ERROR, "{0} is not used any more until the store is opened again: {1}", uuid,
          failure.getMessage());
    }
    return failure;
  }

  /** Refuses when the device has failed for good. */
  void checkWorks() {
    PagodaException earlier = broken.get();
    if (earlier != null) {
      throw new PagodaException(
          Fault.FATAL, "%s is not used any more since %s".formatted(uuid, earlier.getMessage()),
          earlier);
    }
  }

  /** Takes what a call returned that gives something back: nobody could do anything about it. */
  void quietly(int result, String call) {
    if (result != CUresult.CUDA_SUCCESS) {
      Level level = broken.get() == null ? Level.WARNING : Level.DEBUG;
      LOG.log(level, "{0} on {1} failed: {2}", call, uuid, Cuda.message(result));
    }
  }

  @Override
  public void close() {
    quietly(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
    if (!census.isEmpty()) {
      LOG.log(Level.WARNING, "{0} was closed with {1}", uuid, census);
    }
  }
}
