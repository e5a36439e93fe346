package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.DeviceEvent;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** An event of an engine, which may be exported. Created within a context. */
final class TestEvent extends CUevent {
  static TestEvent create() {
    var event = new TestEvent();
    check(
        JCudaDriver.cuEventCreate(
            event, CUevent_flags.CU_EVENT_DISABLE_TIMING | CUevent_flags.CU_EVENT_INTERPROCESS),
        "cuEventCreate");
    return event;
  }

  /** {@return what the driver knows it by} */
  long handle() {
    return getNativePointer();
  }

  DeviceEvent on(CudaDevice device) {
    return DeviceEvent.of(device.uuid(), handle());
  }
}
