package io.pagoda.tier.gpu;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceProvider;
import java.util.List;
import java.util.Optional;

/** Opens devices of type {@code cuda}. */
public final class CudaProvider implements DeviceProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public CudaProvider() {}

  @Override
  public String type() {
    return "cuda";
  }

  @Override
  public Availability availability() {
    return Cuda.availability();
  }

  @Override
  public List<Finding> examine(Settings settings) {
    return CudaFindings.of(CudaSettings.from(settings));
  }

  @Override
  public Device open(Settings settings, Host host) {
    return CudaDevice.open(CudaSettings.from(settings), host.name());
  }

  @Override
  public Optional<String> permanence() {
    return Optional.of(Cuda.PERMANENCE);
  }
}
