import io.pagoda.spi.device.DeviceProvider;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.tier.gpu.CudaProvider;
import io.pagoda.tier.gpu.GpuTierProvider;
import org.jspecify.annotations.NullMarked;

/**
 * CUDA devices: blocks in the memory of NVIDIA GPUs, moved by a kernel or by copy engines.
 *
 * <p>This module and {@code jcuda} call native code.
 */
@NullMarked
@SuppressWarnings("requires-automatic") // JCuda has no descriptor
module io.pagoda.tier.gpu {
  requires io.pagoda.api;
  requires jcuda;

  provides DeviceProvider with
      CudaProvider;
  provides TierProvider with
      GpuTierProvider;
}
