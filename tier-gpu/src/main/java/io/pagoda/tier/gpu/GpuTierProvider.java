package io.pagoda.tier.gpu;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.util.Optional;

/** Opens tiers of type {@code gpu}. */
public final class GpuTierProvider implements TierProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public GpuTierProvider() {}

  @Override
  public String type() {
    return "gpu";
  }

  @Override
  public Availability availability() {
    return Cuda.availability();
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    return GpuTier.open(GpuSettings.from(settings, host.blockBytes()), host.name());
  }

  @Override
  public Optional<TierSpec> preview(Settings settings, Host host) {
    return Optional.of(GpuSettings.from(settings, host.blockBytes()).spec());
  }

  @Override
  public Optional<String> permanence() {
    return Optional.of(Cuda.PERMANENCE);
  }
}
