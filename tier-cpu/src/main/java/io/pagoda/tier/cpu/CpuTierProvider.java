package io.pagoda.tier.cpu;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.util.Optional;

/** Opens tiers of type {@code cpu}. */
public final class CpuTierProvider implements TierProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public CpuTierProvider() {}

  @Override
  public String type() {
    return "cpu";
  }

  @Override
  public Availability availability() {
    String system = System.getProperty("os.name", "");
    return system.startsWith("Linux")
        ? Availability.READY
        : new Availability.Unavailable("needs Linux, and this is " + system);
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    return CpuTier.open(CpuSettings.from(settings, host.blockBytes()), host.name());
  }

  @Override
  public Optional<TierSpec> preview(Settings settings, Host host) {
    return Optional.of(CpuSettings.from(settings, host.blockBytes()).spec());
  }
}
