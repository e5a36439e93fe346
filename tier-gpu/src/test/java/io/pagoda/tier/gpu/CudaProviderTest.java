package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Provider;
import java.util.List;
import org.junit.jupiter.api.Test;

class CudaProviderTest {
  @Test
  void saysWhatAMachineWithoutDriverLacks() {
    assumeFalse(DriverNative.installed(), "this machine has the driver");
    for (Provider provider : List.of(new CudaProvider(), new GpuTierProvider())) {
      saysWhatIsMissing(provider);
    }
  }

  private static void saysWhatIsMissing(Provider provider) {
    var missing = (Availability.Unavailable) provider.availability();
    assertEquals(
        "no libcuda.so.1 on this machine: it comes with NVIDIA's driver; a container gets it with "
            + "--gpus all",
        missing.reason());
  }
}
