package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.pagoda.spi.Availability;
import org.junit.jupiter.api.Test;

class CudaProviderTest {
  @Test
  void saysWhatAMachineWithoutDriverLacks() {
    assumeFalse(DriverNative.installed(), "this machine has the driver");
    var missing = (Availability.Unavailable) new CudaProvider().availability();
    assertEquals(
        "no libcuda.so.1 on this machine: it comes with NVIDIA's driver; a container gets it with "
            + "--gpus all",
        missing.reason());
  }
}
